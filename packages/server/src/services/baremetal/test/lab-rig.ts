import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { redfish } from '../../../drivers/bmc/redfish.ts'
import { rig } from './rig.ts'

const LAB = fileURLToPath(new URL('../../../../../lab/bin/esi-lab.mjs', import.meta.url))

/** The service on machines of the lab, which is another program: real Redfish over HTTPS, and faults to switch on. */
export const labRig = async (machines: readonly Readonly<Record<string, unknown>>[], speed = 500, request = 10_000) => {
  const folder = mkdtempSync(join(tmpdir(), 'esi-node-lab-'))
  const rack = { password: 'correct horse', machines }
  writeFileSync(join(folder, 'rack.yaml'), JSON.stringify(rack))
  const args = [
    'start',
    '--folder',
    folder,
    '--config',
    join(folder, 'rack.yaml'),
    '--speed',
    String(speed),
    '--parent',
    String(process.pid),
  ]
  const lab: ChildProcess = spawn(process.execPath, [LAB, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const _ of createInterface({ input: lab.stdout! })) break
  const file = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8'))
  const secrets = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8'))
  const r = await rig(redfish({ limits: { rest: 0, request, connect: request, lockout: 0 } }))

  const control = async (method: string, path: string, body?: object): Promise<any> => {
    const headers = { authorization: `Bearer ${secrets.token}`, 'content-type': 'application/json' }
    const response = await fetch(`${file.control}/${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    const answer: any = await response.json()
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  /** Conducts while the clock goes on, until it holds. The machines take their own time. */
  const until = (uuid: string, what: (node: any) => unknown, is: unknown, step = 1000) =>
    expect
      .poll(
        async () => {
          await r.conduct()
          await r.clock.advance(step)
          return what(await r.node(uuid))
        },
        { timeout: 60_000, interval: 20 },
      )
      .toEqual(is)
  return {
    ...r,
    r,
    control,
    until,
    secrets,
    file,
    truth: (machine: string) => control('GET', `machines/${machine}`),
    /** Switches a fault on, until the function that it gives is called. */
    async fault(machine: string, kind: string, more: object = {}) {
      const { id } = await control('POST', 'faults', { machine, kind, ...more })
      return async () => void (await control('DELETE', `faults/${id}`).catch(() => undefined))
    },
    /** A node of a machine's, verified. */
    async manageable(name: string, more: object = {}): Promise<string> {
      const at = file.machines.find((m: any) => m.name === name)!
      const { driver_info: info, ...rest } = more as { driver_info?: object }
      const made = await r.ask(
        'admin',
        'POST',
        '/v1/nodes',
        {
          driver: 'redfish',
          driver_info: {
            redfish_address: at.address,
            redfish_system_id: at.system,
            redfish_username: secrets.machines[name].user,
            redfish_password: secrets.machines[name].password,
            redfish_verify_ca: file.ca,
            ...info,
          },
          properties: { erase: 'none' },
          owner: r.owner,
          ...rest,
        },
        201,
      )
      const { uuid } = made.body
      await r.provision(uuid, 'manage')
      await until(uuid, n => n.provision_state, 'manageable')
      return uuid
    },
    async clean(uuid: string, ...clean_steps: object[]) {
      await r.provision(uuid, 'clean', { clean_steps })
    },
    async stop() {
      await r.close()
      const ended = new Promise(resolve => lab.once('exit', resolve))
      lab.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type LabRig = Awaited<ReturnType<typeof labRig>>
