import { type Account, BmcError, type Call } from '../driver.ts'
import { garbled } from './faults.ts'
import type { Link } from './link.ts'

export const ACCOUNT: Account = {
  username: 'ipmi_username',
  password: 'ipmi_password',
  // Some BMCs take 20 bytes and keep 16 of them.
  length: settings => ({ most: String(settings['ipmi_protocol_version'] ?? '2.0') === '1.5' ? 16 : 20, safe: 16 }),
}

/** Of the channel that we come by. */
const HERE = 0x0e
const SHORT = 16
const LONG = 20

/** Set User Password (IPMI 2.0, 22.30), for the user that bears our name. */
export const setPassword = async (link: Link, password: string, call: Call): Promise<void> => {
  const bytes = Buffer.from(password)
  if (bytes.length > LONG) throw new BmcError('settings', `IPMI has ${LONG} bytes for a password. Choose a shorter one.`)
  const user = await userOf(link, call)
  const size = bytes.length > SHORT ? LONG : SHORT
  const padded = Buffer.concat([bytes, Buffer.alloc(size - bytes.length)])
  await link.secretly('password', [0x06, 0x47, size === LONG ? user | 0x80 : user, 0x02, ...padded], call)
}

/** The number of our user: names are in a table of up to 63. */
const userOf = async (link: Link, call: Call): Promise<number> => {
  const { name, username } = link.target
  if (username === '') throw new BmcError('settings', `The BMC at ${name} is reached by the nameless account. Set ipmi_username.`)
  const [most] = await link.raw('user access', [0x06, 0x44, HERE, 0x01], call)
  if (most === undefined) throw garbled(link.target, 'user access')
  for (let user = 1; user <= (most & 0x3f); user++) {
    const is = await link.raw('user name', [0x06, 0x46, user], call).catch(error => {
      // Places without a user are refused by some.
      if (error instanceof BmcError && (error.fault === 'unsupported' || error.fault === 'refused')) return []
      throw error
    })
    const text = Buffer.from(is)
    const end = text.indexOf(0)
    if (text.subarray(0, end < 0 ? undefined : end).toString('utf8') === username) return user
  }
  throw new BmcError(
    'unsupported',
    `The BMC at ${name} lists no user "${username}". Change its password by its own means, then tell it here.`,
  )
}
