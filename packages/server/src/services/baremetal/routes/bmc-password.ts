import { randomInt } from 'node:crypto'
import { getPassword, type PasswordChange, type Plan, rotatePassword } from '@esi/api/baremetal/day2'
import { Refused } from '@esi/api/dialect'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context, Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { badPassword, makePassword } from '../domain/password.ts'
import { errors } from '../errors.ts'
import { opened, sealed, sharingAccount } from '../passwords.ts'
import { askPassword, lockPassword, passwordOf } from '../store/bmc-password.ts'
import { lockConducted } from '../store/conduct-node.ts'
import type { World } from '../world.ts'
import { look, mustBeFree, mustBeServed, tell } from './act.ts'
import { actOnce, planOf } from './plan.ts'

/** The password of a node's BMC is changed by its conductor; a request says to which, or has one made. */
export const passwordRoutes = (world: World, nodes: Engine): Route[] => [
  actOnce(world, nodes, rotatePassword, async (node, tx, context, { body }) => {
    const uuid = String(node['uuid'])
    const all = [node, ...(await shared(world, nodes, tx, context, node))]
    const others = all.slice(1).map(each => String(each['uuid']))
    for (const each of all) {
      mustBeFree(each)
      await mustBeServed(tx, { ...each, conductor_group: node['conductor_group'] })
    }
    const accounts = all.map(each => accountOf(world, each))
    const [most, safe] = [Math.min(...accounts.map(a => a.length.most)), Math.min(...accounts.map(a => a.length.safe))]
    const why = body.password === undefined ? undefined : badPassword(body.password, world.config.bmcPasswordLeast, most)
    if (why !== undefined) throw errors.invalid(`The new password will not do: ${why}.`)
    const { secrets } = world.kit
    const kept: string[] = []
    for (const each of all) {
      const before = await lockPassword(tx, String(each['uuid']))
      if (before?.state === 'asked' || before?.state === 'setting')
        throw errors.conflict(
          `The password of the BMC of node ${each['uuid']} is being changed already. "esi node bmc password show" tells how that goes.`,
        )
      if (before?.state !== 'lost' || before.secrets === null) continue
      const { next, old, others } = opened(before.secrets, secrets)
      kept.push(next, ...(old === undefined ? [] : [old]), ...others)
    }
    const next = body.password ?? makePassword(safe, n => randomInt(n))
    await askPassword(tx, uuid, others, sealed({ next, others: [...new Set(kept)] }, secrets))
    for (const each of all) tell(tx, { ...each, lessee: null }, 'bmc_password_asked', {})
    tx.wake('bmc-password', uuid)
    const named = all.slice(1).map(each => (each['name'] === null ? each['uuid'] : `${each['name']} (${each['uuid']})`))
    const how = { owner: 'what is asked of it meanwhile answers 409; try again', lessee: 'power and the like answer 409 for some seconds' }
    const plan: Plan = planOf(
      node,
      [
        `sets ${body.password === undefined ? 'a password that is made for it' : 'the password that was given'} for the account "${(node['driver_info'] as Item)[accounts[0]!.account.username]}" on its BMC`,
        ...(named.length === 0 ? [] : [`keeps it for ${named.join(', ')} as well, which the same account of the same BMC reaches`]),
        'logs in with it, and only then forgets the old one',
        `does nothing else with ${named.length === 0 ? 'the node' : 'these nodes'} meanwhile, which takes some seconds`,
      ],
      how,
      all.slice(1).flatMap(each => planOf(each, [], how).affects),
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

/** Who shares its account, locked; refused where the caller may not do it to one of them, in words that tell nothing of that one. */
const shared = async (world: World, nodes: Engine, tx: Tx, context: Context, node: Item): Promise<Item[]> => {
  const all: Item[] = []
  for (const { uuid } of await sharingAccount(world, tx.db, node)) {
    const now = (await lockConducted(tx, uuid)) as unknown as Item | undefined
    if (now && !context.may(rotatePassword.policies[0], targetOf(nodes.r, now)))
      throw new Refused(
        'forbidden',
        `The account by which the BMC of node ${node['uuid']} is reached is not only that node's, and you may not change it for all. Have an administrator do it, or give the node an account of its own.`,
      )
    if (now) all.push(now)
  }
  return all
}

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
