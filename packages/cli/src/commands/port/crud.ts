import { port } from '@esi/api/baremetal/port'
import type { AnyResource } from '@esi/api/define'
import { type Crud, createCommand, deleteCommand, listCommand, setCommand, showCommand, unsetCommand } from '../../crud.ts'
import { ports } from '../../services.ts'

const crud: Crud = { resource: port as unknown as AnyResource, client: ports, names: { node_uuid: 'node' } }

export const commands = {
  list: listCommand(crud),
  show: showCommand(crud),
  create: createCommand(crud),
  set: setCommand(crud),
  unset: unsetCommand(crud),
  delete: deleteCommand(crud),
}
