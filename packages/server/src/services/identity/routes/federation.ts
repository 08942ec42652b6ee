import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { federationRoutes as specs, protocol as table } from '@esi/api/identity/federation'
import { unwrap } from '@esi/api/page'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { draftOf, valuesOf } from '../../../kit/resource/accept.ts'
import { invalid, missing } from '../errors.ts'
import { federationResources } from '../resources/federation.ts'
import type { House } from '../resources/house.ts'
import { putRoute } from '../resources/put.ts'
import * as store from '../store/federation.ts'
import { emit } from '../telling.ts'
import { listLinks } from './links.ts'

/** Identity providers, their protocols and mappings, and clouds that believe us. */
export const federation = (house: House): Route[] => {
  const { database } = house
  const { db } = database
  const { providers, serviceProviders, mappings } = federationResources(house)

  const shown = (row: store.ProtocolRow, provider: string, context: Context) => {
    const base = `${context.wire.base}/v3/OS-FEDERATION/identity_providers/${provider}`
    return { ...row, links: { self: `${base}/protocols/${row.id}`, identity_provider: base } }
  }

  const needProvider = async (id: string): Promise<void> => {
    if (!(await providers.read(db, id))) throw missing('Identity Provider', id)
  }

  const find = async (provider: string, id: string): Promise<store.ProtocolRow> => {
    const row = await store.readProtocol(db, provider, id)
    if (!row)
      throw new Refused('missing', `Could not find federated protocol ${id.slice(0, 64)} for Identity Provider: ${provider.slice(0, 64)}.`)
    return row
  }

  const needMapping = async (id: unknown): Promise<void> => {
    if (!(await mappings.read(db, String(id)))) throw invalid(`Could not find mapping: ${String(id).slice(0, 64)}.`)
  }

  const about = (provider: string, id: string) => ({ type: 'protocol', id: `${provider}/${id}`, name: id })

  return [
    ...providers.routes,
    putRoute(providers, specs.putProvider),
    ...serviceProviders.routes,
    putRoute(serviceProviders, specs.putServiceProvider),
    ...mappings.routes,
    putRoute(mappings, specs.putMapping),

    handle(specs.protocols, async (context, input) => {
      context.require('identity:list_protocols')
      const provider = input.params['identity_provider']!
      await needProvider(provider)
      const rows = await store.listProtocols(db, provider)
      return { body: { protocols: rows.map(row => shown(row, provider, context)), links: listLinks(context) } }
    }),

    handle(specs.protocol, async (context, input) => {
      context.require('identity:get_protocol')
      const provider = input.params['identity_provider']!
      return { body: { protocol: shown(await find(provider, input.params['protocol']!), provider, context) } }
    }),

    handle(specs.putProtocol, async (context, input) => {
      context.require('identity:create_protocol')
      const [provider, id] = [input.params['identity_provider']!, input.params['protocol']!]
      await needProvider(provider)
      const { draft } = draftOf(table, { ...dialect.created(context.wire, table), id }, 0)
      await needMapping(draft['mapping_id'])
      const row: store.ProtocolRow = {
        id,
        mapping_id: String(draft['mapping_id']),
        remote_id_attribute: (draft['remote_id_attribute'] ?? null) as string | null,
      }
      await database.transaction(context, async tx => {
        if (!(await store.insertProtocol(tx.db, provider, row)))
          throw new Refused('conflict', `Conflict occurred attempting to store federation_protocol - Duplicate entry found with ID ${id}.`)
        emit(tx, 'protocol.created', about(provider, id), [])
      })
      return { body: { protocol: shown(row, provider, context) } }
    }),

    handle(specs.patchProtocol, async (context, input) => {
      context.require('identity:update_protocol')
      const [provider, id] = [input.params['identity_provider']!, input.params['protocol']!]
      const current = await find(provider, id)
      if (Object.keys(unwrap(context.wire, table)).length === 0) throw invalid('The "protocol" in the body has nothing in it to change.')
      const values = valuesOf(table, dialect.changes(context.wire, table, { ...current }), 0)
      if ('mapping_id' in values) await needMapping(values['mapping_id'])
      const row = { ...current, ...values } as store.ProtocolRow
      await database.transaction(context, async tx => {
        await store.updateProtocol(tx.db, provider, row)
        emit(tx, 'protocol.updated', about(provider, id), [])
      })
      return { body: { protocol: shown(row, provider, context) } }
    }),

    handle(specs.deleteProtocol, async (context, input) => {
      context.require('identity:delete_protocol')
      const [provider, id] = [input.params['identity_provider']!, input.params['protocol']!]
      await find(provider, id)
      await database.transaction(context, async tx => {
        await store.deleteProtocol(tx.db, provider, id)
        emit(tx, 'protocol.deleted', about(provider, id), [])
      })
      return {}
    }),
  ]
}
