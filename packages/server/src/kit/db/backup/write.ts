import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { type Contents, contentsOf, PLAIN_TEXT } from './contents.ts'

/** What the first line of a backup says. */
export interface Manifest extends Contents {
  readonly esi: 'backup'
  readonly format: 1
  /** When it was made, of that moment is all that is in it. */
  readonly at: string
  /** Said by whoever makes it; shown by whoever reads it. */
  readonly about: Readonly<Record<string, unknown>>
}

export interface Written {
  readonly manifest: Manifest
  /** Rows by table. */
  readonly rows: ReadonlyMap<string, number>
}

export const END_OF_ROWS = '\\.\n'

/**
 * Writes the whole database as it is at one moment into a file: gzipped text, a line of JSON and then PostgreSQL's COPY text for each
 * table, with the number of rows, and at the end a hash over all. Servers go on meanwhile. Under its name the file is whole; before,
 * it is `<file>.new`. `table` is told of each table that is written.
 */
export const writeBackup = async (
  client: pg.ClientBase,
  file: string,
  about: Manifest['about'],
  table: (name: string) => void = () => {},
): Promise<Written> => {
  const fresh = `${file}.new`
  rmSync(fresh, { force: true })
  const gzip = createGzip({ level: 3 })
  const sink = createWriteStream(fresh, { mode: 0o600, flags: 'wx' })
  gzip.pipe(sink)
  // Whichever breaks, the other must not wait for it for ever.
  const broken = new AbortController()
  const fail = (e: Error) => broken.abort(e)
  sink.on('error', fail)
  gzip.on('error', fail)
  const hash = createHash('sha256')
  const put = async (chunk: string | Buffer): Promise<void> => {
    broken.signal.throwIfAborted()
    hash.update(chunk)
    if (!gzip.write(chunk)) await once(gzip, 'drain', { signal: broken.signal })
  }
  try {
    await client.query('begin isolation level repeatable read read only')
    await client.query(PLAIN_TEXT)
    const contents = await contentsOf(client)
    const { rows: now } = await client.query(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at`)
    const manifest: Manifest = { esi: 'backup', format: 1, at: now[0].at, about, ...contents }
    await put(`${JSON.stringify(manifest)}\n`)
    const rows = new Map<string, number>()
    for (const { name, columns } of contents.tables) {
      table(name)
      await put(`${JSON.stringify({ table: name })}\n`)
      const out = client.query(copyTo(`copy ${name} (${columns.map(c => quoted(c.name)).join(', ')}) to stdout`))
      for await (const chunk of out) await put(chunk)
      rows.set(name, out.rowCount)
      await put(`${END_OF_ROWS}${JSON.stringify({ rows: out.rowCount })}\n`)
    }
    gzip.end(`${JSON.stringify({ end: true, sha256: hash.digest('hex') })}\n`)
    await finished(sink)
    broken.signal.throwIfAborted()
    await toDisk(fresh)
    renameSync(fresh, file)
    await toDisk(dirname(file))
    return { manifest, rows }
  } catch (e) {
    gzip.destroy()
    sink.destroy()
    rmSync(fresh, { force: true })
    throw e
  } finally {
    await client.query('rollback').catch(() => {})
  }
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Whatever was written there survives a power failure. */
const toDisk = async (path: string): Promise<void> => {
  const at = await open(path, 'r')
  try {
    await at.sync()
  } finally {
    await at.close()
  }
}
