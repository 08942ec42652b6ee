import { Refused } from '@esi/api/dialect'
import { memberRoutes } from '@esi/api/identity/members'
import { isObject } from '@esi/api/types'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { fitting, goodUntil, mayChangeAgain, usedBefore } from '../domain/passwords.ts'
import { invalid, missing } from '../errors.ts'
import type { House } from '../resources/house.ts'
import { addMember, isMember, membershipEnds, removeMember, setPassword } from '../store/accounts.ts'
import { groupsOf, usersOf } from '../store/narrow.ts'
import { keepOld, oldPasswords } from '../store/passwords.ts'
import { revoke } from '../store/revocations.ts'
import { inProjectsOf } from '../store/scopes.ts'
import { emit } from '../telling.ts'
import type { Engines } from './grants.ts'

/** Who is in which group; where somebody may log in; one's own password. */
export const members = (house: House, { users, groups, projects }: Engines): Route[] => {
  const { database, passwords } = house
  const { db } = database
  const { rules } = house.config

  /** Both sides as they are; what is not there is told only to whom the rule lets. */
  const pair = async (context: Context, params: Readonly<Record<string, string>>, rule: string): Promise<{ user: Item; group: Item }> => {
    const [group, user] = [await groups.read(db, params['group']!), await users.read(db, params['user']!)]
    context.require(rule, { target: { ...(group ? { group } : {}), ...(user ? { user } : {}) } })
    if (!group) throw missing('group', params['group']!)
    if (!user) throw missing('user', params['user']!)
    return { user, group }
  }

  const one = async (context: Context, params: Readonly<Record<string, string>>, rule: string, what: 'user' | 'group'): Promise<Item> => {
    const id = params[what]!
    const row = await (what === 'user' ? users : groups).read(db, id)
    context.require(rule, { user_id: id, target: row ? { [what]: row } : {} })
    if (!row) throw missing(what, id)
    return row
  }

  return [
    handle(memberRoutes.password, async (context, input) => {
      const given = isObject(input.raw) && isObject(input.raw['user']) ? input.raw['user'] : {}
      const { original_password: before, password: after } = given
      if (typeof before !== 'string' || typeof after !== 'string')
        throw invalid("'original_password' and 'password' are required properties")
      const other = Object.keys(given).find(key => key !== 'original_password' && key !== 'password')
      if (other !== undefined) throw invalid(`Additional properties are not allowed ('${other.slice(0, 100)}' was unexpected)`)
      const account = await house.check.check({ id: input.params['user']! }, before, context, { expired: true })
      if (account.options['lock_password'] === true)
        throw invalid(
          'You cannot change your password at this time due to password policy disallowing password changes. Please contact your administrator to reset your password.',
        )
      fitting(rules, after)
      mayChangeAgain(rules, account.passwordAt, account.passwordExpires, context.at)
      if (rules.history > 0)
        for (const old of [account.passwordHash, ...(await oldPasswords(db, account.id, rules.history - 1))])
          if (old !== null && (await passwords.verify(after, old))) throw usedBefore(rules)
      const hash = await passwords.hash(after)
      await database.transaction({ at: context.at, by: { ...context.by, user: account.id } }, async tx => {
        await keepOld(tx.db, account.id, rules.history - 1, tx.at)
        await setPassword(tx.db, account.id, hash, tx.at, goodUntil(rules, account.options, tx.at, true))
        await revoke(tx, { user_id: account.id })
        emit(tx, 'user.password_changed', { type: 'user', id: account.id, name: account.name }, [account.domain.id])
      })
      return {}
    }),

    handle(memberRoutes.userProjects, async (context, input) => {
      await one(context, input.params, 'identity:list_user_projects', 'user')
      return projects.below(context, inProjectsOf({ user: input.params['user']!, now: context.at }))
    }),

    handle(memberRoutes.userGroups, async (context, input) => {
      await one(context, input.params, 'identity:list_groups_for_user', 'user')
      const user = input.params['user']!
      const reply = await groups.list(context, groupsOf(user, context.at), true)
      const ends = await membershipEnds(db, user, context.at)
      const body = reply.body as { groups: Item[] }
      const shown = body.groups.map(group => ({ ...group, membership_expires_at: ends.get(String(group['id'])) ?? null }))
      return { ...reply, body: { ...body, groups: shown } }
    }),

    handle(memberRoutes.groupUsers, async (context, input) => {
      await one(context, input.params, 'identity:list_users_in_group', 'group')
      return users.list(context, usersOf(input.params['group']!), true)
    }),

    handle(memberRoutes.add, async (context, input) => {
      const { user, group } = await pair(context, input.params, 'identity:add_user_to_group')
      await database.transaction(context, async tx => {
        if (await addMember(tx.db, String(group['id']), String(user['id']))) told(tx, 'added', user, group)
      })
      return {}
    }),

    handle(memberRoutes.check, async (context, input) => {
      const { user, group } = await pair(context, input.params, 'identity:check_user_in_group')
      if (!(await isMember(db, String(group['id']), String(user['id']))))
        throw new Refused('missing', `Could not find user ${String(user['id'])} in group ${String(group['id'])}.`)
      return {}
    }),

    handle(memberRoutes.remove, async (context, input) => {
      const { user, group } = await pair(context, input.params, 'identity:remove_user_from_group')
      await database.transaction(context, async tx => {
        if (!(await removeMember(tx.db, String(group['id']), String(user['id']))))
          throw new Refused('missing', `Could not find user ${String(user['id'])} in group ${String(group['id'])}.`)
        told(tx, 'removed', user, group)
      })
      return {}
    }),
  ]
}

const told = (tx: Parameters<typeof emit>[0], what: 'added' | 'removed', user: Item, group: Item): void =>
  emit(tx, `membership.${what}`, { type: 'group', id: String(group['id']), name: String(group['name']) }, [String(group['domain_id'])], {
    user: user['id'],
    name: user['name'],
  })
