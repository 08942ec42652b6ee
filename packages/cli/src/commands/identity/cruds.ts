import { domain as domainTable } from '@esi/api/identity/domain'
import { group as groupTable } from '@esi/api/identity/group'
import { project as projectTable } from '@esi/api/identity/project'
import { role as roleTable } from '@esi/api/identity/role'
import { user as userTable } from '@esi/api/identity/user'
import type { Crud } from '../../crud.ts'
import { anyResource } from '../../entries/entry.ts'
import { identityClient } from '../../services.ts'

const crud = (table: object, more: Pick<Crud, 'names' | 'named' | 'makes'> = {}): Crud => ({
  resource: anyResource(table),
  client: identityClient(anyResource(table)),
  ...more,
})

export const project = crud(projectTable, {
  named: true,
  names: { domain_id: 'domain', parent_id: 'parent', options: 'option', tags: 'tag' },
})
export const user = crud(userTable, { named: true, names: { domain_id: 'domain', default_project_id: 'project', options: 'option' } })
export const group = crud(groupTable, { named: true, names: { domain_id: 'domain' } })
export const domain = crud(domainTable, { named: true, names: { options: 'option', tags: 'tag' } })
export const role = crud(roleTable, { named: true, names: { domain_id: 'domain', options: 'option' } })
