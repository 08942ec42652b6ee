import { dialect } from '@esi/api/identity/dialect'
import { role } from '@esi/api/identity/role'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { mayChange, mergeOptions } from '../domain/options.ts'
import { immutable, invalid } from '../errors.ts'
import { everybodysRoles } from '../store/narrow.ts'
import { roles } from '../store/views.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'

const about = (row: Readonly<Item>) => ({ target: { role: { name: row['name'], domain_id: row['domain_id'] ?? null } } })

// A domain's own roles have rules of their own.
const behaviour: Behaviour = {
  prepare(draft, context) {
    draft['name'] = String(draft['name']).trim()
    draft['options'] = mergeOptions({}, (draft['options'] ?? {}) as Item)
    if (draft['domain_id']) context.require('identity:create_domain_role', about(draft))
  },
  beforeUpdate(current, values, context) {
    const given = values['options'] as Item | undefined
    if (current['domain_id']) context.require('identity:update_domain_role', about(current))
    if (!mayChange(current['options'] as Item, values)) throw immutable('role', String(current['id']), 'update')
    if ('domain_id' in values && values['domain_id'] !== current['domain_id']) throw invalid('Update of `domain_id` is not allowed.')
    if (given) values['options'] = mergeOptions(current['options'] as Item, given)
  },
  beforeDelete(current, context) {
    if (current['domain_id']) context.require('identity:delete_domain_role', about(current))
    if (!mayChange(current['options'] as Item, undefined)) throw immutable('role', String(current['id']), 'delete')
  },
}

export const roleResource = (house: House): Keystone =>
  new Keystone({
    resource: role,
    dialect,
    database: house.database,
    store: roles,
    behaviour,
    concerns: row => (typeof row['domain_id'] === 'string' ? [row['domain_id']] : []),
    narrow: context => {
      if (!context.wire.query.get('domain_id')) return everybodysRoles
      context.require('identity:list_domain_roles')
      return []
    },
  })
