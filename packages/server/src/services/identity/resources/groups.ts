import { dialect } from '@esi/api/identity/dialect'
import { group } from '@esi/api/identity/group'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import { invalid } from '../errors.ts'
import { groupsIn } from '../store/narrow.ts'
import { groups } from '../store/views.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'
import { domainOfToken } from './projects.ts'

const behaviour: Behaviour = {
  prepare(draft, context) {
    draft['name'] = String(draft['name']).trim()
    draft['domain_id'] ??= domainOfToken(context)
  },
  beforeUpdate(current, values) {
    if (!('domain_id' in values)) return
    if (values['domain_id'] !== current['domain_id']) throw invalid('Cannot change Domain ID')
    delete values['domain_id']
  },
}

export const groupResource = (house: House): Keystone =>
  new Keystone({
    resource: group,
    dialect,
    database: house.database,
    store: groups,
    behaviour,
    concerns: row => (typeof row['domain_id'] === 'string' ? [row['domain_id']] : []),
    narrow: context => groupsIn(context.who.domain_id),
  })
