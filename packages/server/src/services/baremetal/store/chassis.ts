import { sql } from 'kysely'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store } from '../../../kit/resource/view.ts'
import { chassisRefusal } from '../errors.ts'
import { linksText } from './links.ts'

export const chassisStore: Store = tableStore(
  {
    name: 'baremetal.chassis',
    id: 'uuid',
    columns: ['uuid', 'description', 'extra'],
    json: ['extra'],
    times: true,
    refuse: chassisRefusal,
  },
  {
    from: sql`baremetal.chassis c`,
    columns: Object.fromEntries(['uuid', 'description', 'extra', 'created_at', 'updated_at'].map(name => [name, sql.ref(`c.${name}`)])),
    // Chassis are the administrators'; tenants see none.
    written: {
      links: (of, { base }) => linksText(base, 'chassis', of('uuid')),
      nodes: (of, { base }) => linksText(base, 'chassis', of('uuid'), '/nodes'),
    },
    visible: () => sql`false`,
  },
)
