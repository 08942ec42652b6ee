import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { LabControl } from '../control/client.ts'
import type { LabFile } from '../control/protocol.ts'
import { readJson } from '../files.ts'
import { RunsAlready, type StartOptions, startLab } from '../start.ts'
import { type Command, type Given, Usage } from './command.ts'

export const start: Command = {
  name: 'start',
  doc: `Starts the lab in the foreground and prints one line of JSON when it answers. Where a lab runs in the folder already, says so
with the same line and ends with 0; a --parent is then added to the users of the lab that runs.`,
  flags: {
    folder: { value: 'DIR', required: true, doc: 'where it keeps its certificate authority, state, lab.json and secrets.json' },
    config: { value: 'FILE', doc: 'rack.yaml; without it the rack of dell1 to dell5' },
    count: { value: 'N', doc: 'how many machines to generate, instead of what the configuration says' },
    port: { value: 'N', doc: 'port of the BMCs; 0 (the default) takes the port of last time, or a free one' },
    speed: { value: 'X', doc: 'how many times faster than real machines they are; 1 by default' },
    keep: { value: 'N', doc: 'how many calls to keep for `log`; 50000 by default' },
    parent: { value: 'PID', many: true, doc: 'end when this process and all other users have ended; may be repeated' },
    'while-held': { doc: 'end when the last connection to POST /hold is closed' },
  },
  async run(given) {
    const options = read(given)
    let lab: Awaited<ReturnType<typeof startLab>>
    try {
      lab = await startLab(options)
    } catch (error) {
      if (error instanceof RunsAlready) return adopt(options)
      throw error
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => lab.stop())
    ready(lab.file, false)
    await lab.ended
    return 0
  },
}

function read(given: Given): StartOptions {
  const port = whole(given, 'port', 0, 65_535) ?? 0
  const speed = given.number('speed') ?? 1
  if (!(speed > 0 && speed <= 100_000)) throw new Usage('--speed must be more than 0 and at most 100000')
  return {
    folder: given.text('folder')!,
    config: given.text('config'),
    count: whole(given, 'count', 0, 1_000_000),
    port,
    speed,
    keep: whole(given, 'keep', 1, 10_000_000) ?? 50_000,
    parents: given.texts('parent').map(p => {
      if (!/^[1-9]\d{0,9}$/.test(p)) throw new Usage(`--parent: '${p}' is not the number of a process`)
      return Number(p)
    }),
    whileHeld: given.on('while-held'),
  }
}

function whole(given: Given, name: string, low: number, high: number): number | undefined {
  const n = given.number(name)
  if (n !== undefined && (!Number.isInteger(n) || n < low || n > high))
    throw new Usage(`--${name} must be a whole number from ${low} to ${high}`)
  return n
}

/** Another process has the folder: wait until it answers, and become one of its users. */
async function adopt(options: StartOptions): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      const control = LabControl.of(options.folder)
      await control.about()
      for (const pid of options.parents) await control.addUser(pid)
      ready(readJson(resolve(options.folder, 'lab.json')) as LabFile, true)
      return 0
    } catch {
      // It is still starting, or its files are those of last time.
      await wait(100)
    }
  }
  process.stderr.write(`esi-lab: another process has ${options.folder} and does not answer\n`)
  return 1
}

function ready(file: LabFile, already: boolean): void {
  const { pid, port, control } = file
  process.stdout.write(`${JSON.stringify({ ready: true, already, pid, port, control, machines: file.machines.length })}\n`)
}
