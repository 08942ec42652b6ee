import type { Measure } from '../../kit/service.ts'
import { groups } from './routes/conductors.ts'
import { stuckNodes } from './store/clean.ts'
import type { World } from './world.ts'

/** What an operator is to be alarmed of: nodes that nobody conducts, and such as are longer in their state than they should. */
export const measures = async (world: World): Promise<readonly Measure[]> => [
  {
    name: 'esi_baremetal_unserved_nodes',
    help: 'Nodes whose conductor group no live conductor serves: nothing that is asked of them is done.',
    labels: ['conductor_group'],
    values: (await groups(world)).map(({ conductor_group, unserved_nodes }) => ({ of: { conductor_group }, value: unserved_nodes })),
  },
  {
    name: 'esi_baremetal_stuck_nodes',
    help: 'Nodes that are longer in their state than such nodes are.',
    labels: [],
    values: [{ of: {}, value: (await stuckNodes(world.database.db)).length }],
  },
]
