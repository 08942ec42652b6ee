import { route } from '../define.ts'
import { list, object } from '../types.ts'

/** New parts of a machine that is known. Ours; Ironic has no such thing. */

const at = '/v1/nodes/:node/replace'

export const replaceParts = route({
  name: 'node.replace',
  method: 'POST',
  path: at,
  policies: ['baremetal:node:replace'],
  status: 202,
  body: {
    nics: {
      type: list(object()),
      doc: 'Network cards, {"old": MAC, "new": MAC} each. Their ports keep UUID, cable and physical network. Refused while a network is attached.',
    },
    board: {
      type: object(),
      doc: 'The board with its BMC: {"address", "driver_info", "uuid", "serial"}, as far as they are others. Without uuid and serial it must say that it is another than before.',
    },
    disks: { type: list(object()), doc: 'Disks, {"old": serial number, "new": serial number} each.' },
  },
  doc: 'Writes down what was replaced, and looks by the BMC until the new parts are there, for a day. Refused while the node is leased and not in maintenance.',
})

export const getReplacement = route({
  name: 'node.replace.show',
  method: 'GET',
  path: at,
  policies: ['baremetal:node:replace'],
  status: 200,
  doc: 'How the last replacement of parts stands.',
})

export interface Part {
  readonly kind: 'nic' | 'board' | 'disk'
  readonly old: string
  readonly new: string
  /** `not told`: the BMC says nothing of such parts. Null: not seen yet. */
  readonly seen: 'there' | 'not told' | null
}

export interface Replacement {
  /** `looking`: the BMC does not show all of it yet. `failed`: it did not within a day. `never`: nothing was replaced. */
  readonly state: 'never' | 'looking' | 'done' | 'failed'
  readonly parts: readonly Part[]
  /** What is missing, or why it cannot be looked at. */
  readonly why: string | null
  readonly asked_at: string | null
  readonly done_at: string | null
  readonly user: string | null
  readonly project: string | null
}
