import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { clientEnvironment } from '../../tools/debian.ts'
import { freePorts } from '../original/processes.ts'

export const COMMAND = 'sushy-emulator'

/** Whether the command is there; Debian has no package of it. */
export const installed = (): boolean => spawnSync(COMMAND, ['--help'], { stdio: 'ignore', env: clientEnvironment() }).status === 0

export interface Emulator {
  readonly port: number
  readonly user: string
  readonly password: string
  stop(): Promise<void>
}

const PASSWORD = 'correct-horse'
/** That, as htpasswd -B writes it, at the least cost. */
const ENTRY = 'admin:$2b$04$lx8ce06.U8kxKSmea2l4n.0bTpTU7RJkkHCVUqpXQbYgzrFuXSOaC'

/** OpenStack's Redfish emulator with its machines that are no machines: power takes some seconds, as with real ones. */
export const startEmulator = async (): Promise<Emulator> => {
  const folder = mkdtempSync(join(tmpdir(), 'esi-sushy-'))
  const [port] = (await freePorts(1)) as [number]
  writeFileSync(join(folder, 'htpasswd'), `${ENTRY}\n`)
  const config = {
    SUSHY_EMULATOR_LISTEN_IP: '127.0.0.1',
    SUSHY_EMULATOR_LISTEN_PORT: port,
    SUSHY_EMULATOR_AUTH_FILE: join(folder, 'htpasswd'),
    SUSHY_EMULATOR_STATE_DIR: folder,
  }
  const lines = Object.entries(config).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  writeFileSync(join(folder, 'emulator.conf'), `${lines.join('\n')}\n`)
  const child = spawn(COMMAND, ['--config', join(folder, 'emulator.conf'), '--fake'], {
    cwd: folder,
    env: clientEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said = `${said}${data}`.slice(-5000)))
  await answers(child, port, () => said)
  return {
    port,
    user: 'admin',
    password: PASSWORD,
    async stop() {
      const ended = new Promise(resolve => child.once('exit', resolve))
      if (child.exitCode === null) {
        child.kill()
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const answers = async (child: ChildProcess, port: number, said: () => string): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${COMMAND} ended with ${child.exitCode}:\n${said()}`)
    const up = await fetch(`http://127.0.0.1:${port}/redfish/v1/`).then(
      reply => reply.ok,
      () => false,
    )
    if (up) return
    await sleep(200)
  }
}
