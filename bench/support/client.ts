/** A process that only asks, so that its CPU is not counted with anybody else's. Told by support/load.ts what to do. */
import pg from 'pg'
import { Pool } from 'undici'
import type { Done, HttpJob, Job, SqlJob } from './load.ts'

/** Runs jobs on so many lines until the time or the work is over; each line goes on to the next job when it has its answer. */
const lines = async (job: Job, total: number, one: (i: number, line: number) => Promise<string>): Promise<Omit<Done, 'bytes'>> => {
  const latencies: number[] = []
  const answers: Record<string, number> = {}
  const started = performance.now()
  const until = job.seconds === undefined ? Number.POSITIVE_INFINITY : started + job.seconds * 1000
  const most = job.count ?? Number.POSITIVE_INFINITY
  let next = 0
  let exhausted = false
  await Promise.all(
    Array.from({ length: job.connections }, async (_, line) => {
      while (next < most && performance.now() < until) {
        const i = next++
        if (!job.cycle && i >= total) {
          exhausted = true
          return
        }
        const at = performance.now()
        const answer = await one(i % total, line)
        latencies.push(performance.now() - at)
        answers[answer] = (answers[answer] ?? 0) + 1
      }
    }),
  )
  if (exhausted && job.seconds !== undefined) throw new Error('there was not enough to ask for the whole time')
  const seconds = (performance.now() - started) / 1000
  latencies.sort((a, b) => a - b)
  const at = (part: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0
  return { count: latencies.length, seconds, p50: at(0.5), p99: at(0.99), answers }
}

const http = async (job: HttpJob): Promise<Done> => {
  const pool = new Pool(job.url, { connections: job.connections, pipelining: 1, headersTimeout: 300_000, bodyTimeout: 300_000 })
  let bytes = 0
  const one = async (i: number): Promise<string> => {
    const { method, path, headers, body } = job.requests[i]!
    const reply = await pool.request({
      method: (method ?? 'GET') as 'GET',
      path,
      headers: { ...job.headers, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    let size = 0
    for await (const part of reply.body) size += (part as Buffer).length
    bytes = size
    return String(reply.statusCode)
  }
  try {
    for (let i = 0; i < (job.warm ?? 0); i++) await one(i % job.requests.length)
    return { ...(await lines(job, job.requests.length, one)), bytes }
  } finally {
    await pool.destroy()
  }
}

const sql = async (job: SqlJob): Promise<Done> => {
  const clients = await Promise.all(
    Array.from({ length: job.connections }, async () => {
      const client = new pg.Client({ connectionString: job.url, application_name: 'bench' })
      await client.connect()
      return client
    }),
  )
  let bytes = 0
  const one = async (i: number, line: number): Promise<string> => {
    const client = clients[line]!
    for (const [n, text] of job.statements.entries()) {
      const values = job.values?.[i]?.[n]
      const { rows } = await (values ? client.query({ name: `s${n}`, text, values: [...values] }) : client.query(text))
      if (rows[0]?.text !== undefined) bytes = Buffer.byteLength(rows[0].text)
    }
    return 'done'
  }
  try {
    for (let i = 0; i < (job.warm ?? 0); i++) await one(i, i % clients.length)
    return { ...(await lines(job, job.values?.length ?? 1, one)), bytes }
  } finally {
    await Promise.all(clients.map(client => client.end()))
  }
}

process.on('message', (job: Job) => {
  const work = job.kind === 'http' ? http(job) : sql(job)
  work.then(
    done => process.send!({ done }),
    error => process.send!({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
process.once('disconnect', () => process.exit())
