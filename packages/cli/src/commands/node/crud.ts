import { node } from '@esi/api/baremetal/node'
import type { AnyResource } from '@esi/api/define'
import { type Crud, createCommand, deleteCommand, listCommand, setCommand, showCommand, unsetCommand } from '../../crud.ts'
import { nodes } from '../../services.ts'

const crud: Crud = { resource: node as unknown as AnyResource, client: nodes, names: { properties: 'property' } }

/** By verb; `node list` itself is the leasing service's view. */
export const commands = {
  list: listCommand(crud),
  show: showCommand(crud),
  create: createCommand(crud),
  set: setCommand(crud),
  unset: unsetCommand(crud),
  delete: deleteCommand(crud),
}
