import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../../../cli/bin/esi.mjs', import.meta.url))

export interface Said {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** Runs `esi` as a process of its own, for a cloud of the `clouds.yaml` in that folder. */
export const runCli = (folder: string, cloud: string, words: readonly string[], input = ''): Promise<Said> =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], OS_CLIENT_CONFIG_FILE: join(folder, 'clouds.yaml'), OS_CLOUD: cloud }
    const child = spawn(process.execPath, [program, ...words], { env, stdio: ['pipe', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', text => (out += text))
    child.stderr.on('data', text => (err += text))
    child.on('error', reject)
    child.on('close', status => resolve({ status, out: out.trim(), err: err.trim() }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
