import type { Instant } from '@esi/api/time'
import { allows } from '../../kit/auth/access-rules.ts'
import type { Access, Caller } from '../../kit/auth/caller.ts'
import type { Origin, Tx } from '../../kit/db/transaction.ts'
import { hex } from '../../kit/ids/ids.ts'
import type { House } from './resources/house.ts'
import * as accounts from './store/accounts.ts'
import { endingSince } from './store/endings.ts'
import * as found from './store/foundation.ts'
import { grantRole } from './store/grants.ts'
import { findProjectByWord, lineage, projectNames } from './store/projects.ts'
import { revoke } from './store/revocations.ts'
import { emit } from './telling.ts'
import type { Token } from './tokens/token.ts'

export interface Door {
  /** Who is behind a token; `undefined` when it is not good, or not for that. */
  authenticate(token: string, access?: Access): Promise<Caller | undefined>
  readonly projects: {
    /** By id, or by a name that only one project has. */
    find(ident: string): Promise<{ readonly id: string; readonly name: string } | undefined>
    names(ids: readonly string[]): Promise<ReadonlyMap<string, string>>
    /** The project and all above it, nearest first, without the domain. */
    lineage(id: string): Promise<readonly string[]>
    /** Since when what it holds is to end, because it was disabled or deleted; undefined while it may keep it. */
    ended(id: string): Promise<Instant | undefined>
  }
  /**
   * The first administrator: user `admin` with the role `admin` in the project `admin` and in the system. Repeating it changes
   * nothing but a password that is given and differs.
   */
  bootstrap(how: { readonly adminPassword: string; readonly adminName?: string; readonly project?: string }): Promise<{
    readonly user: string
    readonly project: string
  }>
  /** The project of that name in the default domain, made if it is not there; its id. */
  ensureProject(name: string, more?: { readonly description?: string; readonly parent?: string }): Promise<string>
  /** The user of that name in the default domain, with that password; its id. */
  ensureUser(name: string, password: string, more?: { readonly defaultProject?: string }): Promise<string>
  /** Gives a user a role, by name, in a project or in the system. */
  grant(user: string, role: string, where: { readonly project: string } | 'system'): Promise<void>
  /** The staged token key becomes the primary one. */
  rotateTokenKeys(): Promise<{ readonly primary: number; readonly kept: number }>
  /** Tokens that this process remembers are looked up anew. */
  forget(): void
}

const callerOf = (token: Token): Caller => {
  const { user, place, claims } = token
  const { scope } = claims
  return {
    user: { id: user.id, name: user.name, domain: user.domain.id },
    ...(scope.is === 'project' ? { project: { id: place!.id, name: place!.name, domain: place!.domain?.id ?? place!.id } } : {}),
    ...(scope.is === 'domain' ? { domain: place!.id } : {}),
    ...(scope.is === 'system' ? { system: true } : {}),
    roles: token.roles.map(role => role.name),
    audit: claims.audit[0]!,
  }
}

const attempt = ({ config }: House, { prefix, method, path }: Access) => ({
  types: config.catalog.filter(entry => entry.path === prefix || entry.path.startsWith(`${prefix}/`)).map(entry => entry.type),
  method,
  paths: [path, `${prefix}${path}`],
})

export const createDoor = (house: House): Door => {
  const { database, passwords } = house
  const origin = (): Origin => ({ at: house.clock.now(), by: { conductor: 'identity' } })

  const ensureUser = async (name: string, password: string, defaultProject?: string): Promise<string> => {
    const known = await found.findByName(database.db, 'user', name)
    if (known && (await passwords.verify(password, known.password_hash))) return known.id
    const hash = await passwords.hash(password)
    return database.transaction(origin(), async tx => {
      const id = known?.id ?? hex()
      if (known) {
        await accounts.setPassword(tx.db, id, hash, tx.at)
        await revoke(tx, { user_id: id })
        emit(tx, 'user.password_changed', { type: 'user', id, name }, [found.DEFAULT])
        return id
      }
      const made = await found.makeUser(tx.db, { id, name, hash, defaultProject: defaultProject ?? null }, tx.at)
      if (made === id) emit(tx, 'user.created', { type: 'user', id, name }, [found.DEFAULT])
      return made
    })
  }

  const ensureProject = (name: string, more: { description?: string; parent?: string } = {}): Promise<string> =>
    database.transaction(origin(), async tx => {
      const id = hex()
      const made = await found.makeProject(
        tx.db,
        { id, name, description: more.description ?? '', parent: more.parent ?? found.DEFAULT },
        tx.at,
      )
      if (made === id) emit(tx, 'project.created', { type: 'project', id, name }, [id])
      return made
    })

  const give = async (tx: Tx, user: string, role: string, where: { project: string } | 'system'): Promise<void> => {
    const row = await found.findByName(tx.db, 'role', role)
    if (!row) throw new Error(`There is no role "${role}".`)
    const target = where === 'system' ? null : where.project
    const fresh = await grantRole(tx.db, {
      role: row.id,
      actor: { is: 'user', id: user },
      scope: where === 'system' ? 'system' : 'project',
      target,
      inherited: false,
    })
    if (fresh)
      emit(tx, 'grant.created', { type: 'grant', id: user }, [target], { role, user, scope: where === 'system' ? 'system' : target })
  }

  const done = <T>(value: T): T => {
    house.forget()
    return value
  }

  return {
    async authenticate(id, access) {
      const token = await house.tokens.validate(id)
      if (!token) return undefined
      const rules = token.credential?.rules
      return !rules || (access && allows(rules, attempt(house, access))) ? callerOf(token) : undefined
    },
    projects: {
      find: word => findProjectByWord(database.db, word),
      names: ids => projectNames(database.db, ids),
      lineage: async id => (await lineage(database.db, id)).slice(0, -1).map(p => p.id),
      ended: id => endingSince(database.db, id),
    },
    async bootstrap({ adminPassword, adminName = 'admin', project = 'admin' }) {
      const place = await ensureProject(project, { description: 'Bootstrap project for initializing the cloud.' })
      const user = await ensureUser(adminName, adminPassword, place)
      await database.transaction(origin(), async tx => {
        await give(tx, user, 'admin', { project: place })
        await give(tx, user, 'admin', 'system')
      })
      return done({ user, project: place })
    },
    ensureProject: async (name, more) => done(await ensureProject(name, more)),
    ensureUser: async (name, password, more) => done(await ensureUser(name, password, more?.defaultProject)),
    grant: async (user, role, where) => done(await database.transaction(origin(), tx => give(tx, user, role, where))),
    rotateTokenKeys: () => house.keyring.rotate(origin()),
    forget: house.forget,
  }
}
