import type { Replacement } from '@esi/api/baremetal/replace'
import { waitFor } from '@esi/client'
import { type Command, type Given, UsageError } from '../../command.ts'
import { nodes } from '../../services.ts'
import { oneOf } from '../../show.ts'
import { present } from '../../values.ts'
import { secretFrom } from '../rack/search.ts'
import { askPlan, planText } from './plan.ts'

const node = { name: 'node', doc: 'the node, by UUID or name' }
const OF_BOARD = ['bmc-address', 'system-uuid', 'serial', 'driver-info', 'password-file', 'password-key'] as const

export const replace: Command = {
  brief: 'write down that parts of a node were replaced',
  doc: 'Ports keep their UUID, cable and network and get the new address; a new board is reached by its own BMC. The server then looks by the BMC, for a day, until the new parts are there and the old ones gone, so this may be said before somebody puts them in. Refused while a network is attached to the port, and while the node is leased and not in maintenance.',
  args: [node],
  options: {
    nic: { doc: 'a network card, by its MAC addresses; repeat for more', values: ['old', 'new'], repeat: true },
    disk: { doc: 'a disk, by its serial numbers; repeat for more', values: ['old', 'new'], repeat: true },
    board: { doc: 'the board, with its BMC' },
    'bmc-address': { doc: 'where the new BMC is', values: ['address'] },
    'system-uuid': { doc: 'the UUID that the new board says', values: ['uuid'] },
    serial: { doc: 'the serial number that the new board says', values: ['text'] },
    'driver-info': { doc: 'what else is needed to reach it; repeat for more', values: ['key=value'], repeat: true },
    'password-file': { doc: "the file that holds its account's password; - for standard input", values: ['file'] },
    'password-key': { doc: 'the key of driver-info that the password is for; redfish_password if left out', values: ['key'] },
    wait: { doc: 'wait until the new parts are there' },
  },
  changes: true,
  examples: [
    'esi node replace node-1 --nic 52:54:00:00:00:01 52:54:00:00:00:02 --dry-run',
    'esi node replace node-1 --board --bmc-address https://10.0.0.9 --serial ABC1234 --wait',
  ],
  async run(face, given) {
    const client = await nodes(face)
    const name = given.arg('node')
    const body = present({ nics: swaps(given, 'nic'), disks: swaps(given, 'disk'), board: boardOf(given) })
    if (Object.keys(body).length === 0) throw new UsageError('Say what was replaced: --nic OLD NEW, --disk OLD NEW or --board.')
    const plan = await askPlan(face, client, name, ['replace'], body)
    if (face.dryRun || !given.has('wait')) return planText(face, plan)
    let told = ''
    const end = await waitFor(
      async () => (await client.call('GET', client.one(name, 'replace'))) as Replacement,
      ({ state }) => state !== 'looking',
      {
        signal: face.signal,
        timeout: 86_400_000,
        progress({ why }) {
          if (why !== null && why !== told) face.progress(`${name}: ${why}`)
          told = why ?? told
        },
      },
    )
    if (end.state !== 'done') throw new Error(`The new parts of ${name} did not appear. ${end.why}`)
    return {
      text: end.parts
        .map(part => `${part.kind} ${part.new}: ${part.seen === 'there' ? 'it is there' : 'its BMC says nothing of it'}`)
        .join('\n'),
    }
  },
}

export const show: Command = {
  brief: 'show how the last replacement of parts of a node stands',
  args: [node],
  prints: 'one',
  async run(face, given) {
    const client = await nodes(face)
    const is = (await client.call('GET', client.one(given.arg('node'), 'replace'))) as Replacement
    return oneOf(['state', 'parts', 'why', 'asked_at', 'done_at', 'user', 'project'], is)
  },
}

const swaps = (given: Given, option: string) => {
  const pairs = given.pairs(option)
  return pairs.length === 0 ? undefined : pairs.map(([old, next]) => ({ old, new: next }))
}

const boardOf = (given: Given): object | undefined => {
  if (!given.has('board')) {
    for (const option of OF_BOARD) if (given.has(option)) throw new UsageError(`--${option} is of a new board: say --board too.`)
    return undefined
  }
  const info: Record<string, string> = {}
  for (const text of given.all('driver-info')) {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`--driver-info must be like redfish_system_id=/redfish/v1/Systems/1, not "${text}".`)
    const key = text.slice(0, at)
    if (/password|secret|key$/i.test(key)) throw new UsageError(`${key} must not stand on the command line: give it with --password-file.`)
    info[key] = text.slice(at + 1)
  }
  const file = given.one('password-file')
  if (file !== undefined) info[given.one('password-key') ?? 'redfish_password'] = secretFrom(file)
  return present({
    address: given.one('bmc-address'),
    uuid: given.one('system-uuid'),
    serial: given.one('serial'),
    driver_info: Object.keys(info).length > 0 ? info : undefined,
  })
}
