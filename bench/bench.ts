import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { type Bench, type Line, table } from './support/report.ts'

type Part = (bench: Bench) => Promise<void>

type Named = Readonly<Record<string, readonly [brief: string, load: () => Promise<Part>]>>

const PARTS: Named = {
  claim: ['claims over HTTP against the bare insert under the same constraint', async () => (await import('./parts/claim.ts')).claim],
  lists: ['lists of nodes, offers and leases against a bare json_agg query', async () => (await import('./parts/lists.ts')).lists],
  token: ['checks of a token, and logins', async () => (await import('./parts/token.ts')).token],
  memory: ['memory of server and database with 1,000 nodes and 10,000 leases', async () => (await import('./parts/memory.ts')).memory],
  start: ['"npm start" to the first active lease', async () => (await import('./parts/start.ts')).start],
  cpu: ["CPU of each request beside the original's", async () => (await import('./parts/cpu.ts')).cpu],
}

/** Only when they are asked for: Debian's packages are installed for them. */
const besides = (only?: 'tokens' | 'lists' | 'nodes' | 'crowd' | 'memory') => async () => (await import('./beside/beside.ts')).beside(only)
const ASKED_FOR: Named = {
  beside: ["Debian's Keystone and Ironic beside ours, in one run; all of the following", besides()],
  'beside:tokens': ['… logins, and checks of a token', besides('tokens')],
  'beside:lists': ['… lists of 10, 1,000 and 10,000 nodes', besides('lists')],
  'beside:nodes': ['… one node, and changes of it', besides('nodes')],
  'beside:crowd': ['… 64 clients at once', besides('crowd')],
  'beside:memory': ['… memory', besides('memory')],
}
const ALL: Named = { ...PARTS, ...ASKED_FOR }

function list(parts: Named): string {
  return Object.entries(parts)
    .map(([name, [brief]]) => `  ${name.padEnd(14)} ${brief}`)
    .join('\n')
}

const HELP = `Usage: npm run bench -- [PART ...] [--brief N] [--json FILE]

Measures, and prints one table of ratios. Everything that is needed is started on loopback, in temporary folders, and removed.

${list(PARTS)}

Only by name, for they need packages from Debian, which are installed where that is possible without asking:

${list(ASKED_FOR)}

  --brief N    N times shorter, to see that it works; what comes out is no measurement
  --json FILE  the same lines with what they were measured on, as JSON
`

/** `npm run bench`; gives the exit status: 0 also where an aim is missed, for these are measurements and no tests. */
export const bench = async (words: readonly string[]): Promise<number> => {
  let given: ReturnType<typeof read>
  try {
    given = read(words)
  } catch (e) {
    process.stderr.write(`${(e as Error).message}\n\n${HELP}`)
    return 2
  }
  const { values, positionals } = given
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const brief = Number(values.brief ?? 1)
  const unknown = positionals.filter(name => !ALL[name])
  if (unknown.length > 0 || !(brief >= 1)) {
    process.stderr.write(unknown.length > 0 ? `There is no part ${unknown.join(', ')}.\n\n${HELP}` : '--brief is a number from 1 on.\n')
    return 2
  }
  let broken: Promise<unknown> | undefined
  const stop = () => {
    broken ??= import('./support/site.ts').then(({ endSites }) => endSites()).then(() => process.exit(130))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const lines: Line[] = []
  const loads = [loadavg()[0]!]
  for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
    process.stderr.write(`== ${name}\n`)
    const part = await ALL[name]![1]()
    await part({ brief, tell: text => void process.stderr.write(`   ${text}\n`), line: line => void lines.push(line) }).catch(
      async error => {
        // What was broken off fails; only its end is waited for.
        await broken
        throw error
      },
    )
    loads.push(loadavg()[0]!)
    // Whoever breaks it off later keeps this.
    if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine: machine(loads, brief), lines }, null, 2)}\n`)
  }
  process.stdout.write(
    `\n${table(lines)}\n\n${Object.entries(machine(loads, brief))
      .map(([k, v]) => `${k}: ${v}`)
      .join(' · ')}\n`,
  )
  return 0
}

const machine = (loads: readonly number[], brief: number) => ({
  at: new Date().toISOString(),
  node: process.version,
  kernel: release(),
  cpu: `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}`,
  memory: `${(totalmem() / 1e9).toFixed(1)} GB`,
  /** Load before, and after each part: what else ran is in it, too. */
  loads: loads.map(l => Number(l.toFixed(1))),
  brief,
})

const read = (words: readonly string[]) =>
  parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, brief: { type: 'string' }, json: { type: 'string' } },
  })
