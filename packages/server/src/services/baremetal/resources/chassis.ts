import { chassis } from '@esi/api/baremetal/chassis'
import { dialect } from '@esi/api/baremetal/dialect'
import { Engine } from '../../../kit/resource/engine.ts'
import { links } from '../links.ts'
import { chassisStore } from '../store/chassis.ts'
import type { World } from '../world.ts'

export const chassisEngine = (world: World): Engine =>
  new Engine({
    resource: chassis,
    dialect,
    database: world.database,
    store: chassisStore,
    behaviour: {
      compute(rows, context) {
        for (const row of rows) {
          row['links'] = links(context, `chassis/${row['uuid']}`)
          row['nodes'] = links(context, `chassis/${row['uuid']}/nodes`)
        }
      },
    },
  })
