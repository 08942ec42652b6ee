import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, vi } from 'vitest'
import { stringify } from 'yaml'
import { type TestDatabase, useDatabase } from '../../kit/testing/database.ts'

export interface TestSite {
  readonly connections: TestDatabase
  readonly folder: string
  /** The configuration file. */
  readonly file: string
}

/** A site's configuration on a database of its own. To be called at the top of a test file. */
export const useSite = (more: object = {}): TestSite => {
  const connections = useDatabase()
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'esi-command-'))
    writeFileSync(join(folder, 'site.yaml'), stringify({ state: join(folder, 'state'), database: { url: connections.url }, ...more }), {
      mode: 0o600,
    })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return {
    connections,
    get folder() {
      return folder
    },
    get file() {
      return join(folder, 'site.yaml')
    },
  }
}

export interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Runs a command of the server's own in this process, with what it says. */
export const run = async (...words: string[]): Promise<Ran> => {
  const { runCommand } = await import('../../command.ts')
  const said = { out: '', err: '' }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(text => {
      said.out += text
      return true
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation(text => {
      said.err += text
      return true
    }),
  ]
  try {
    const status = await runCommand(words)
    return { status, ...said }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
