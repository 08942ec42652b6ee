import { randomInt } from 'node:crypto'
import { getPassword, type PasswordChange, type Plan, rotatePassword } from '@esi/api/baremetal/day2'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { badPassword, makePassword } from '../domain/password.ts'
import { errors } from '../errors.ts'
import { opened, sealed } from '../passwords.ts'
import { askPassword, lockPassword, passwordOf, sharingAccount } from '../store/bmc-password.ts'
import type { World } from '../world.ts'
import { look, mustBeFree, mustBeServed, tell } from './act.ts'
import { actOnce, planOf } from './plan.ts'

/** The password of a node's BMC is changed by its conductor; a request says to which, or has one made. */
export const passwordRoutes = (world: World, nodes: Engine): Route[] => [
  actOnce(world, nodes, rotatePassword, async (node, tx, _context, { body }) => {
    const uuid = String(node['uuid'])
    mustBeFree(node)
    await mustBeServed(tx, node)
    const { account, length } = accountOf(world, node)
    const sharing = await sharingAccount(tx.db, uuid, account.username)
    if (sharing > 0)
      throw errors.conflict(
        `The BMC of node ${uuid} is that of ${sharing} other node${sharing === 1 ? '' : 's'} too, which the same account is used for. Give each an account of its own first.`,
      )
    const why = body.password === undefined ? undefined : badPassword(body.password, world.config.bmcPasswordLeast, length.most)
    if (why !== undefined) throw errors.invalid(`The new password will not do: ${why}.`)
    const before = await lockPassword(tx, uuid)
    if (before?.state === 'asked' || before?.state === 'setting')
      throw errors.conflict(
        `The password of the BMC of node ${uuid} is being changed already. "esi node bmc password show" tells how that goes.`,
      )
    const { secrets } = world.kit
    const kept = before?.state === 'lost' && before.secrets !== null ? opened(before.secrets, secrets) : undefined
    const others = kept ? [kept.next, ...(kept.old === undefined ? [] : [kept.old]), ...kept.others] : []
    const next = body.password ?? makePassword(length.safe, n => randomInt(n))
    await askPassword(tx, uuid, sealed({ next, others }, secrets))
    tell(tx, { ...node, lessee: null }, 'bmc_password_asked', {})
    tx.wake('bmc-password', uuid)
    const plan: Plan = planOf(
      node,
      [
        `sets ${body.password === undefined ? 'a password that is made for it' : 'the password that was given'} for the account "${(node['driver_info'] as Item)[account.username]}" on its BMC`,
        'logs in with it, and only then forgets the old one',
        'does nothing else with the node meanwhile, which takes some seconds',
      ],
      { owner: 'what is asked of it meanwhile answers 409; try again', lessee: 'power and the like answer 409 for some seconds' },
    )
    return { status: 202, body: plan }
  }),

  look(nodes, getPassword, async row => {
    const is = await passwordOf(world.database.db, String(row['uuid']))
    const body: PasswordChange = is
      ? {
          state: is.state,
          asked_at: is.asked_at,
          began_at: is.began_at,
          done_at: is.done_at,
          user: is.user,
          project: is.project,
          error: is.error,
        }
      : { state: 'never', asked_at: null, began_at: null, done_at: null, user: null, project: null, error: null }
    return { status: 200, body }
  }),
]

/** The account by which a node's BMC is reached; refuses where there is none whose password we could change. */
const accountOf = (world: World, node: Readonly<Item>) => {
  try {
    const { driver, settings } = world.drivers.of(node)
    driver.check(settings)
    const { account } = driver
    if (!account || !driver.open(settings, String(node['uuid'])).setPassword)
      throw errors.unsupported(driver.name, 'changing the password of a BMC')
    if (typeof settings[account.username] !== 'string' || settings[account.username] === '')
      throw errors.invalid(`The BMC of node ${node['uuid']} is reached without an account: driver_info has no ${account.username}.`)
    return { account, length: account.length(settings) }
  } catch (e) {
    if (e instanceof BmcError) throw errors.invalid(e.message)
    throw e
  }
}
