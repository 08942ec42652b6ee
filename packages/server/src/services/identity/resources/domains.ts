import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { domain } from '@esi/api/identity/domain'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { mayChange, mergeOptions } from '../domain/options.ts'
import { immutable, invalid } from '../errors.ts'
import { onlyDomain } from '../store/narrow.ts'
import { removeDomain } from '../store/removal.ts'
import { revoke } from '../store/revocations.ts'
import { domains } from '../store/views.ts'
import { emit } from '../telling.ts'
import { letGo, takeBack } from './holdings.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'

/** What it has as the project that it also is: taken, and meaning nothing. */
const AS_PROJECT = ['parent_id', 'domain_id', 'is_domain']

const HEX = /^[0-9a-f]{32}$/

const behaviour = (house: House): Behaviour => ({
  prepare(draft) {
    draft['name'] = String(draft['name']).trim()
    draft['is_domain'] = true
    draft['options'] = mergeOptions({}, (draft['options'] ?? {}) as Item)
  },

  async beforeUpdate(current, values, context, tx) {
    const id = String(current['id'])
    const given = values['options'] as Item | undefined
    if (!mayChange(current['options'] as Item, values)) throw immutable('domain', id, 'update')
    if (given) values['options'] = mergeOptions(current['options'] as Item, given)
    if (values['enabled'] === true && current['enabled'] === false) await takeBack({ ...current, is_domain: true }, tx)
    if (values['enabled'] === false && current['enabled'] === true) {
      await letGo(house, { ...current, is_domain: true }, context, tx)
      await revoke(tx, { domain_id: id })
    }
  },

  beforeDelete(current) {
    const id = String(current['id'])
    if (!mayChange(current['options'] as Item, undefined)) throw immutable('domain', id, 'delete')
    if (current['enabled'] === true) throw new Refused('forbidden', 'Cannot delete a domain that is enabled, please disable it first.')
  },

  async remove(current, context, tx) {
    const id = String(current['id'])
    await letGo(house, { ...current, is_domain: true }, context, tx)
    for (const gone of await removeDomain(tx.db, id)) emit(tx, `${gone.type}.deleted`, gone, [gone.type === 'project' ? gone.id : null, id])
    emit(tx, 'domain.deleted', { type: 'domain', id, name: String(current['name']) }, [id])
  },
})

export const domainResource = (house: House): Keystone =>
  new Keystone({
    resource: domain,
    // The identifier may be chosen under a name of its own, in Keystone's form.
    dialect: {
      ...dialect,
      created(request, r) {
        const { explicit_domain_id: chosen, id: _, ...all } = dialect.created(request, r)
        const rest = Object.fromEntries(Object.entries(all).filter(([name]) => !AS_PROJECT.includes(name)))
        if (chosen === undefined) return rest
        if (typeof chosen !== 'string' || !HEX.test(chosen)) throw invalid('Domain ID does not conform to required UUID format.')
        return { id: chosen, ...rest }
      },
      changes: (request, r, current) => dialect.changes(request, r, current).filter(({ field }) => !AS_PROJECT.includes(field)),
    },
    database: house.database,
    store: domains,
    behaviour: behaviour(house),
    narrow: context => onlyDomain(context.who.domain_id),
  })
