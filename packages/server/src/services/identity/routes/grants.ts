import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { type GrantRoute, grantRoutes } from '@esi/api/identity/grants'
import { role as roleTable } from '@esi/api/identity/role'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context, Reply, Route } from '../../../kit/http/route.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { invalid, missing } from '../errors.ts'
import type { House } from '../resources/house.ts'
import type { Keystone } from '../resources/keystone.ts'
import { dropCredentials } from '../resources/users.ts'
import { findUser } from '../store/accounts.ts'
import { type Grant, grantedRoles, grantRole, hasGrant, takeRole } from '../store/grants.ts'
import { emit } from '../telling.ts'

export interface Engines {
  readonly projects: Keystone
  readonly domains: Keystone
  readonly users: Keystone
  readonly groups: Keystone
  readonly roles: Keystone
}

/** What a rule about a grant is asked about: role, actor and place as they are; what is not there is not in it. */
const targetOf = (rows: Readonly<Record<string, Item | undefined>>) => ({
  target: Object.fromEntries(Object.entries(rows).filter(([, row]) => row !== undefined)),
})

/** Roles given, taken, looked at. Existence is told only to those whom the rule would let. */
export const grants = (house: House, engines: Engines): Route[] => {
  const { database } = house

  const run = async (route: GrantRoute, context: Context, params: Readonly<Record<string, string>>): Promise<Reply> => {
    const { db } = database
    const { scope, actor, inherited, deed } = route
    const rule = route.spec.policies![0]!
    const ids = { role: params['role'], [actor]: params[actor], ...(scope === 'system' ? {} : { [scope]: params[scope] }) }
    const rows: Record<string, Item | undefined> = {}
    for (const [what, id] of Object.entries(ids)) if (id !== undefined) rows[what] = await engines[`${what}s` as keyof Engines].read(db, id)
    context.require(rule, targetOf(rows))
    for (const [what, id] of Object.entries(ids)) {
      // Whoever is gone may still have a role taken away.
      const gone = id !== undefined && !rows[what]
      if (gone && !(deed === 'remove' && what === actor)) throw missing(what, id)
    }
    const grant: Omit<Grant, 'role'> = { actor: { is: actor, id: params[actor]! }, scope, target: params[scope] ?? null, inherited }
    if (deed === 'add') fitting(scope, rows)
    if (deed === 'list') return { body: await listed(context, await grantedRoles(db, grant)) }

    const whole: Grant = { ...grant, role: params['role']! }
    const none = () =>
      missing(
        'role assignment with role',
        `${whole.role}, user or group: ${whole.actor.id}, project, domain, or system: ${whole.target ?? 'all'}`,
      )
    if (deed === 'check') {
      if (!(await hasGrant(db, whole))) throw none()
      return {}
    }
    await database.transaction(context, async tx => {
      const done = deed === 'add' ? await grantRole(tx.db, whole) : await takeRole(tx.db, whole)
      if (!done && deed === 'remove') throw none()
      if (done) await tell(tx, deed, whole, rows)
    })
    return {}
  }

  const tell = async (tx: Tx, deed: 'add' | 'remove', grant: Grant, rows: Readonly<Record<string, Item | undefined>>): Promise<void> => {
    const { actor, scope, target } = grant
    emit(
      tx,
      `grant.${deed === 'add' ? 'created' : 'deleted'}`,
      { type: 'grant', id: actor.id, name: (rows[actor.is]?.['name'] as string) ?? null },
      [target],
      {
        role: rows['role']?.['name'],
        role_id: grant.role,
        [actor.is]: actor.id,
        [scope]: target ?? 'all',
        inherited: grant.inherited,
      },
    )
    // As in Keystone: programs that were given roles by somebody who loses one there are to be set up anew.
    if (deed === 'remove' && scope === 'project' && actor.is === 'user') {
      const user = await findUser(tx.db, actor.id)
      if (user) await dropCredentials(tx, user.id, user.domain_id, target!)
    }
  }

  const listed = async (context: Context, ids: readonly string[]): Promise<unknown> => {
    const rows = await Promise.all(ids.map(id => engines.roles.read(database.db, id)))
    return dialect.many(roleTable, engines.roles.present(context, rows as Item[]), context.wire, undefined)
  }

  /** A domain's own role is for that domain: not for projects of another, nor for the system. */
  const fitting = (scope: GrantRoute['scope'], { role, project }: Readonly<Record<string, Item | undefined>>): void => {
    const domain = role?.['domain_id'] ?? null
    if (domain === null) return
    const id = String(role!['id'])
    if (scope === 'system')
      throw invalid(`Role ${id} is a domain-specific role. Unable to use a domain-specific role in a system assignment.`)
    if (project && project['domain_id'] !== domain)
      throw new Refused('forbidden', `Project ${String(project['id'])} must be in the same domain as the role ${id} being assigned.`)
  }

  return grantRoutes.map(route => ({ spec: route.spec, handle: (context, input) => run(route, context, input.params) }))
}
