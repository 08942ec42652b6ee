import { plus } from '@esi/api/time'
import type { Tx } from '../../../kit/db/transaction.ts'
import { hex } from '../../../kit/ids/ids.ts'
import { type DomainRef, type Mapped, type ProjectRef, Unmapped } from '../domain/mapping.ts'
import * as users from '../store/federated-users.ts'
import type { Reading } from '../store/federation.ts'
import { grantRole, takeRole } from '../store/grants.ts'
import { findDomain } from '../store/subjects.ts'
import { emit } from '../telling.ts'

/** Somebody who was let in by a provider. */
export interface Arrival {
  readonly user: string
  readonly groups: readonly string[]
}

/** A user who comes from elsewhere: made at the first login, kept up to date at each. Throws `Unmapped`. */
export const receive = async (tx: Tx, reading: Reading, protocol: string, mapped: Mapped): Promise<Arrival> => {
  const { provider } = reading
  const unique = mapped.user.id ?? mapped.user.name
  const name = mapped.user.name ?? mapped.user.id
  if (unique === undefined || name === undefined)
    throw new Unmapped('Could not map user while setting ephemeral user identity. Mapping rules must specify user id/name.')
  const from: users.Origin = { provider, protocol, unique }
  await users.lockPerson(tx.db, from)
  const domain = await domainId(tx, mapped.user.domain, reading.domain)
  const email = mapped.user.email ?? null
  const known = await users.findGuest(tx.db, from)
  const id = known?.id ?? hex()
  if (!known) {
    await users.makeGuest(tx.db, { id, name, email, domain }, from, tx.at)
    emit(tx, 'user.created', { type: 'user', id, name }, [domain], { from: provider })
    // Whoever is here by themselves keeps their name.
  } else if (known.federated && (known.name !== name || known.email !== email)) {
    await users.renameGuest(tx.db, id, name, email, tx.at)
    emit(tx, 'user.updated', { type: 'user', id, name }, [known.domain], { from: provider })
  }
  const groups = await groupsOf(tx, mapped)
  if (reading.ttl !== null) await users.keepMemberships(tx.db, { user: id, provider, groups, until: plus(tx.at, reading.ttl * 60_000) })
  await placeIn(tx, { id, name, domain: reading.domain, version: reading.version }, mapped.projects)
  return { user: id, groups }
}

const domainId = async (tx: Tx, ref: DomainRef | undefined, otherwise: string): Promise<string> => {
  if (ref === undefined) return otherwise
  const found = await findDomain(tx.db, ref.id === undefined ? { name: ref.name! } : { id: ref.id })
  if (!found) throw new Unmapped(`Could not find domain: ${ref.id ?? ref.name}.`)
  return found.id
}

/** Groups that are named and are not there are passed over; ids are promises of whoever wrote the mapping. */
const groupsOf = async (tx: Tx, mapped: Mapped): Promise<string[]> => {
  const there = await users.groupsWithIds(tx.db, mapped.groupIds)
  const missing = mapped.groupIds.find(id => !there.includes(id))
  if (missing !== undefined) throw new Unmapped(`Group ${missing} returned by the mapping was not found.`)
  const named: string[] = []
  for (const { name, domain } of mapped.groups) {
    const id = await users.groupNamed(tx.db, name, domain)
    if (id !== undefined) named.push(id)
  }
  return [...new Set([...there, ...named])]
}

interface Placed {
  readonly id: string
  readonly name: string
  readonly domain: string
  readonly version: string
}

/** Projects that the mapping gives, made if they are not there, with its roles in them. From 3.0 on it gives and takes. */
const placeIn = async (tx: Tx, user: Placed, projects: readonly ProjectRef[]): Promise<void> => {
  const wanted = new Set<string>()
  for (const { name, domain, roles } of projects) {
    const of = await domainId(tx, domain, user.domain)
    const ids: string[] = []
    for (const role of roles) {
      const id = await users.roleNamed(tx.db, role, user.domain)
      if (id === undefined) throw new Unmapped(`Could not find role: ${role}.`)
      ids.push(id)
    }
    const project = await users.ensureProjectNamed(tx.db, { id: hex(), name, domain: of }, tx.at)
    if (project.made) emit(tx, 'project.created', { type: 'project', id: project.id, name }, [project.id, of])
    for (const role of ids) {
      wanted.add(`${project.id} ${role}`)
      if (await grantRole(tx.db, grant(user.id, project.id, role))) told(tx, 'created', user, project.id, role)
    }
  }
  if (user.version !== '3.0') return
  for (const { project, role } of await users.projectGrants(tx.db, user.id))
    if (!wanted.has(`${project} ${role}`) && (await takeRole(tx.db, grant(user.id, project, role))))
      told(tx, 'deleted', user, project, role)
}

const grant = (user: string, project: string, role: string) => ({
  role,
  actor: { is: 'user' as const, id: user },
  scope: 'project' as const,
  target: project,
  inherited: false,
})

const told = (tx: Tx, deed: string, user: Placed, project: string, role: string): void =>
  emit(tx, `grant.${deed}`, { type: 'grant', id: user.id, name: user.name }, [project], { role_id: role, user: user.id, project })
