import type { Database } from '../../../kit/db/transaction.ts'
import type { Thing, Things } from '../needs.ts'
import { assignTestNode, readTestNode, releaseTestNode } from '../store/test-nodes.ts'

const PREFIX = 'test-node-'

/** Things for tests: whatever is asked for exists, belongs to one project, and is ready at once. */
export const testNodes = (database: Database, owner: string): Things => {
  const thing = (id: string, lessee: string | null): Thing => ({
    id,
    name: `${PREFIX}${id}`,
    owner,
    lessee,
    class: 'fake',
    properties: {},
    turnAround: 0,
    state: { provision: 'available', targetProvision: null, power: 'Off', targetPower: null, maintenance: false },
  })
  return {
    async find(ident) {
      const id = ident.startsWith(PREFIX) ? ident.slice(PREFIX.length) : ident
      return thing(id, (await readTestNode(database.db, id))?.lessee ?? null)
    },
    list: async () => [],
    async assign(id, project, lease) {
      return (await assignTestNode(database.db, id, project, lease)) ? { is: 'assigned' } : { is: 'waiting', why: 'another lease has it' }
    },
    async release(id, lease) {
      await releaseTestNode(database.db, id, lease)
      return { is: 'released', proof: {} }
    },
  }
}
