import { type Dialect, Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { identityProvider, mapping, serviceProvider } from '@esi/api/identity/federation'
import type { Tx } from '../../../kit/db/transaction.ts'
import { hex } from '../../../kit/ids/ids.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { checkRules, Unmapped, VERSIONS } from '../domain/mapping.ts'
import { invalid, missing } from '../errors.ts'
import { isDomain } from '../store/accounts.ts'
import { guestsOf, removeUsers } from '../store/federated-users.ts'
import * as store from '../store/federation.ts'
import { emit } from '../telling.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'

const claim = async (id: string, ids: unknown, tx: Tx): Promise<void> => {
  if (!Array.isArray(ids)) return
  if (new Set(ids).size !== ids.length) throw invalid('"remote_ids" must not name one twice.')
  await store.lockProviders(tx.db)
  const taken = await store.takenRemoteId(tx.db, ids as string[], id)
  if (taken !== undefined)
    throw new Refused('conflict', `Conflict occurred attempting to store identity_provider - Duplicate remote ID: ${taken}.`)
}

const providerBehaviour: Behaviour = {
  async prepare(draft, _context, tx) {
    const id = String(draft['id'])
    draft['remote_ids'] ??= []
    await claim(id, draft['remote_ids'], tx)
    if (typeof draft['domain_id'] !== 'string') {
      // Its users live by themselves, so that nobody from there is mistaken for somebody from here.
      const domain = hex()
      await store.makeProviderDomain(tx.db, domain, `Auto generated federated domain for Identity Provider: ${id}`, tx.at)
      emit(tx, 'domain.created', { type: 'domain', id: domain, name: domain }, [domain])
      draft['domain_id'] = domain
    } else if (!(await isDomain(tx.db, String(draft['domain_id'])))) throw missing('domain', String(draft['domain_id']))
  },
  async beforeUpdate(current, values, _context, tx) {
    if (values['remote_ids'] === null) values['remote_ids'] = []
    await claim(String(current['id']), values['remote_ids'], tx)
  },
  async beforeDelete(current, _context, tx) {
    const id = String(current['id'])
    // Whoever is here by themselves, or by another provider too, stays.
    const guests = await guestsOf(tx.db, id)
    for (const { domain_id, ...user } of guests) emit(tx, 'user.deleted', { type: 'user', ...user }, [domain_id])
    await removeUsers(
      tx.db,
      guests.map(guest => guest.id),
    )
  },
}

const mappingBehaviour: Behaviour = {
  prepare(draft) {
    draft['schema_version'] ??= VERSIONS[0]
    check(draft)
  },
  beforeUpdate(_current, values) {
    check(values)
  },
}

const check = (values: Item): void => {
  const { schema_version: version, rules } = values
  if (version !== undefined && !VERSIONS.includes(version as '1.0'))
    throw invalid(`"schema_version" must be one of ${VERSIONS.join(', ')}.`)
  if (rules === undefined) return
  try {
    checkRules(rules)
  } catch (e) {
    if (e instanceof Unmapped) throw invalid(`The mapping is not valid: ${e.message}.`)
    throw e
  }
}

/** Each links to its protocols too. */
const withProtocols: Dialect = {
  ...dialect,
  one: (r, item, request) => linked(dialect.one(r, item, request), r.name),
  many: (r, items, request, next) => {
    const whole = dialect.many(r, items, request, next) as Record<string, Item[]>
    return { ...whole, [r.plural]: whole[r.plural]!.map(item => linked({ item }, 'item')['item']) }
  },
}

const linked = (envelope: unknown, name: string): Record<string, unknown> => {
  const item = (envelope as Record<string, Item>)[name]!
  const { self } = item['links'] as { self: string }
  return { [name]: { ...item, links: { self, protocols: `${self}/protocols` } } }
}

export const federationResources = ({ database }: House) => {
  // Made by PUT.
  const shared = { dialect, database, concerns: () => [], without: ['create'] as const }
  return {
    providers: new Keystone({
      ...shared,
      resource: identityProvider,
      store: store.identityProviders,
      behaviour: providerBehaviour,
      dialect: withProtocols,
    }),
    serviceProviders: new Keystone({ ...shared, resource: serviceProvider, store: store.serviceProviders }),
    mappings: new Keystone({ ...shared, resource: mapping, store: store.mappings, behaviour: mappingBehaviour }),
  }
}
