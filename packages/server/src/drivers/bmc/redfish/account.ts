import { type Account, BmcError, type Call } from '../driver.ts'
import type { Link } from './link.ts'
import { link, num, type Resource, str } from './resource.ts'

export const ACCOUNT: Account = {
  username: 'redfish_username',
  password: 'redfish_password',
  // Older iDRACs and Supermicro's BMCs take 20.
  length: () => ({ most: 127, safe: 20 }),
}

/** Some BMCs show a slot for every account that there could be. */
const MOST = 64

/** DSP0266 13.2: the password of an account is a property of its resource, which can be written and not read. */
export const setPassword = async (on: Link, password: string, call: Call): Promise<void> => {
  const { origin, username } = on.target
  if (username === null)
    throw new BmcError('settings', `The BMC at ${origin} is reached without an account. Set redfish_username and redfish_password.`)
  const service = await on.find(link((await on.root(call)).body, 'AccountService'), call)
  const accounts = link(service?.body, 'Accounts')
  if (service === null || accounts === null)
    throw new BmcError(
      'unsupported',
      `The BMC at ${origin} shows no accounts to us. Change the password by its own means, then tell it here.`,
    )
  fits(origin, service, password)
  const account = (await on.members(accounts, call, MOST)).find(({ body }) => str(body, 'UserName') === username)
  if (account === undefined)
    throw new BmcError(
      'unsupported',
      `The BMC at ${origin} lists no account "${username}": it may be one of a directory. Change its password there, then tell it here.`,
    )
  await on.patch(account.path, { Password: password }, call, { of: account })
}

const fits = (origin: string, service: Resource, password: string): void => {
  const least = num(service.body, 'MinPasswordLength')
  const most = num(service.body, 'MaxPasswordLength')
  const length = Buffer.byteLength(password)
  if (least !== null && length < least)
    throw new BmcError('settings', `The BMC at ${origin} wants passwords of at least ${least} characters. Choose a longer one.`)
  if (most !== null && most > 0 && length > most)
    throw new BmcError('settings', `The BMC at ${origin} takes passwords of at most ${most} characters. Choose a shorter one.`)
}
