import { LabControl } from '../control/client.ts'
import type { Call, FaultOrder } from '../control/protocol.ts'
import { FAULTS } from '../faults.ts'
import { type Command, type Flag, Usage } from './command.ts'
import { table } from './table.ts'

const folder: Flag = { value: 'DIR', required: true, doc: 'the folder of the lab' }
const json: Flag = { doc: 'print JSON' }

export const list: Command = {
  name: 'list',
  doc: 'Lists the machines as they truly are, whatever their BMCs say.',
  flags: { folder, json },
  async run(given) {
    const machines = await LabControl.of(given.text('folder')!).machines()
    if (given.on('json')) return print(JSON.stringify(machines, null, 1))
    return print(
      table(
        ['name', 'address', 'flavour', 'power', 'runs', 'override', 'started from', 'sessions', 'bmc'],
        machines.map(m => [
          m.name,
          m.address,
          m.flavour,
          m.power,
          m.runs ?? '-',
          m.override.enabled === 'Disabled' ? '-' : `${m.override.target} (${m.override.enabled})`,
          m.lastBoot?.device ?? '-',
          String(m.sessions),
          m.bricked ? 'bricked' : m.bmcAway ? 'away' : 'up',
        ]),
      ),
    )
  },
}

export const fault: Command = {
  name: 'fault',
  doc: `Switches faults: 'fault set KIND MACHINE', 'fault list', 'fault clear [MACHINE [KIND]]'. MACHINE is a name, or * for all.

Kinds:
${Object.entries(FAULTS)
  .map(([kind, doc]) => `  ${kind.padEnd(16)}${doc}`)
  .join('\n')}`,
  takes: 'set|list|clear [KIND] [MACHINE]',
  positionals: [1, 3],
  flags: {
    folder,
    json,
    count: { value: 'N', doc: 'only the next N times' },
    probability: { value: 'P', doc: 'only so often, 0 to 1' },
    method: { value: 'M', doc: 'only requests of this method' },
    path: { value: 'TEXT', doc: 'only paths that contain this' },
    ms: { value: 'N', doc: 'for slow: how much later' },
    seconds: { value: 'N', doc: 'for busy and bmc-restart' },
    status: { value: 'N', doc: 'for error: which status' },
  },
  async run(given) {
    const control = LabControl.of(given.text('folder')!)
    const [verb, first, second] = given.positionals
    if (verb === 'list') {
      const faults = await control.faults()
      if (given.on('json')) return print(JSON.stringify(faults, null, 1))
      const row = (f: (typeof faults)[number]) => [
        String(f.id),
        f.machine,
        f.kind,
        f.left === null ? 'for ever' : String(f.left),
        String(f.struck),
      ]
      return print(table(['id', 'machine', 'kind', 'left', 'struck'], faults.map(row)))
    }
    if (verb === 'clear') {
      const cleared = await control.clearFaults({ ...(first && { machine: first }), ...(second && { kind: second }) })
      return print(given.on('json') ? JSON.stringify({ cleared }) : `${cleared} switched off`)
    }
    if (verb !== 'set' || !first || !second) throw new Usage('fault set KIND MACHINE, fault list, or fault clear [MACHINE [KIND]]')
    const order: Record<string, unknown> = { kind: first, machine: second }
    for (const name of ['count', 'probability', 'ms', 'seconds', 'status']) {
      const n = given.number(name)
      if (n !== undefined) order[name] = n
    }
    for (const name of ['method', 'path']) if (given.text(name) !== undefined) order[name] = given.text(name)
    const made = await control.fault(order as unknown as FaultOrder)
    return print(given.on('json') ? JSON.stringify(made) : `fault ${made.id}: ${made.kind} at ${made.machine}`)
  },
}

export const power: Command = {
  name: 'power',
  doc: "Works a machine's power by hand: 'press' is the button, 'hold' is the button for four seconds; 'on' and 'off' do it at once.",
  takes: 'MACHINE press|hold|on|off',
  positionals: [2, 2],
  flags: { folder, json },
  async run(given) {
    const control = LabControl.of(given.text('folder')!)
    const [name, how] = given.positionals as [string, string]
    const work = async () => {
      if (how === 'press' || how === 'hold') {
        await control.press(name, how === 'press' ? 'short' : 'long')
        return control.machine(name)
      }
      // What the change itself answers: asked again, a fast machine may be further already.
      if (how === 'on' || how === 'off') return control.change(name, { power: how === 'on' ? 'On' : 'Off' })
      throw new Usage(`'${how}' is none of press, hold, on, off`)
    }
    const now = await work()
    return print(given.on('json') ? JSON.stringify(now) : `${name} is ${now.power}`)
  },
}

export const log: Command = {
  name: 'log',
  doc: 'Shows what was asked of the BMCs: every request, passwords masked, and what became of it.',
  takes: '[MACHINE]',
  positionals: [0, 1],
  flags: {
    folder,
    json,
    changes: { doc: 'only requests that ask for a change' },
    after: { value: 'N', doc: 'only calls after this number' },
    follow: { doc: 'go on as calls come' },
  },
  async run(given) {
    const control = LabControl.of(given.text('folder')!)
    const [machine] = given.positionals
    let after = given.number('after') ?? 0
    const query = () => ({ ...(machine && { machine }), ...(given.on('changes') && { changes: true }), after })
    for (;;) {
      const { calls, dropped } = await control.calls({ ...query(), ...(given.on('follow') && { waitMs: 30_000 }) })
      if (dropped > 0 && after === 0) process.stderr.write(`esi-lab: ${dropped} older calls are no longer kept\n`)
      for (const c of calls) print(given.on('json') ? JSON.stringify(c) : line(c))
      after = calls.at(-1)?.seq ?? after
      if (!given.on('follow')) return 0
    }
  },
}

export const add: Command = {
  name: 'add',
  doc: 'Adds a machine while the lab runs. What is left out follows from its place in the rack.',
  takes: '[NAME]',
  positionals: [0, 1],
  flags: {
    folder,
    json,
    flavour: { value: 'NAME', doc: 'plain, idrac, ilo, xcc or supermicro' },
    address: { value: 'IP', doc: 'address of its BMC, within 127.0.0.0/8' },
    class: { value: 'NAME', doc: 'resource class' },
    cores: { value: 'N', doc: 'processor cores' },
    'memory-gb': { value: 'N', doc: 'memory' },
  },
  async run(given) {
    const control = LabControl.of(given.text('folder')!)
    const [name] = given.positionals
    const config = {
      name,
      flavour: given.text('flavour'),
      address: given.text('address'),
      class: given.text('class'),
      cores: given.number('cores'),
      memoryGb: given.number('memory-gb'),
    }
    const made = await control.add(JSON.parse(JSON.stringify(config)) as Record<string, unknown>)
    return print(given.on('json') ? JSON.stringify(made) : `${made.name} at ${made.address}`)
  },
}

export const stop: Command = {
  name: 'stop',
  doc: 'Ends the lab; its machines are as they are when it starts again.',
  flags: { folder },
  async run(given) {
    await LabControl.of(given.text('folder')!).stop()
    return 0
  },
}

function line(c: Call): string {
  const body = c.body === null ? '' : ` ${JSON.stringify(c.body)}`
  const fault = c.fault === null ? '' : ` [${c.fault}]`
  return `${c.seq} ${c.at} ${c.machine} ${c.user ?? '-'} ${c.method} ${c.path}${body} -> ${c.status ?? '-'} ${c.outcome}${fault} ${c.ms ?? '-'} ms`
}

function print(text: string): 0 {
  process.stdout.write(`${text}\n`)
  return 0
}
