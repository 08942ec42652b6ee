import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redfish } from '../../../drivers/bmc/redfish.ts'
import { LESSEE, type Rig, rig } from './rig.ts'

// The lab is another program: real Redfish over HTTPS, with the habits of several vendors.
const LAB = fileURLToPath(new URL('../../../../../lab/bin/esi-lab.mjs', import.meta.url))
const FLAVOURS = ['plain', 'idrac', 'ilo', 'xcc', 'supermicro'] as const

let folder: string
let lab: ChildProcess
let file: { ca: string; control: string; machines: { name: string; address: string; system: string }[] }
let secrets: { token: string; machines: Record<string, { user: string; password: string }> }
let r: Rig

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'esi-node-lab-'))
  const machines = FLAVOURS.map((flavour, i) => ({
    name: flavour,
    flavour,
    address: `127.78.0.${i + 1}`,
    disks: [{ gb: 10, os: 'linux' }],
  }))
  writeFileSync(join(folder, 'rack.yaml'), JSON.stringify({ password: 'correct horse', machines }))
  const args = ['start', '--folder', folder, '--config', join(folder, 'rack.yaml'), '--speed', '500', '--parent', String(process.pid)]
  lab = spawn(process.execPath, [LAB, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const _ of createInterface({ input: lab.stdout! })) break
  file = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8'))
  secrets = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8'))
  r = await rig(redfish({ limits: { rest: 0, request: 10_000, lockout: 0 } }))
}, 60_000)
afterAll(async () => {
  await r?.close()
  const ended = new Promise(resolve => lab.once('exit', resolve))
  lab.kill()
  await ended
  rmSync(folder, { recursive: true, force: true })
})

const control = async (method: string, path: string, body?: object): Promise<any> => {
  const headers = { authorization: `Bearer ${secrets.token}`, 'content-type': 'application/json' }
  const response = await fetch(`${file.control}/${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
  const answer: any = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
  return answer
}
const truth = (machine: string) => control('GET', `machines/${machine}`)

/** Conducts while the clock goes on, until it holds. The machines take their own time. */
const until = (uuid: string, what: (node: any) => unknown, is: unknown) =>
  expect
    .poll(
      async () => {
        await r.conduct()
        await r.clock.advance(1000)
        return what(await r.node(uuid))
      },
      { timeout: 30_000, interval: 20 },
    )
    .toEqual(is)
/** A request that the hardware answers; somebody must conduct meanwhile. */
const answered = async (who: string, method: string, path: string, body?: unknown) => {
  let answer: any
  void r.ask(who, method, path, body).then(a => {
    answer = a
  })
  await expect
    .poll(
      async () => {
        await r.conduct()
        return answer !== undefined
      },
      { timeout: 30_000, interval: 20 },
    )
    .toBe(true)
  return answer
}
const enroll = async (flavour: string, password = secrets.machines[flavour]!.password) => {
  const at = file.machines.find(m => m.name === flavour)!
  const node = await r.ask(
    'admin',
    'POST',
    '/v1/nodes',
    {
      driver: 'redfish',
      driver_info: {
        redfish_address: at.address,
        redfish_system_id: at.system,
        redfish_username: secrets.machines[flavour]!.user,
        redfish_password: password,
        redfish_verify_ca: file.ca,
      },
      properties: { erase: 'none' },
      owner: r.owner,
    },
    201,
  )
  return node.body.uuid as string
}

describe.each(FLAVOURS)('a machine of the lab (%s)', flavour => {
  let uuid: string

  test('is enrolled: a wrong password is told, the right one verifies', async () => {
    uuid = await enroll(flavour, 'wrong')
    await r.provision(uuid, 'manage')
    await until(uuid, n => n.provision_state, 'enroll')
    expect((await r.node(uuid)).last_error).toMatch(/password/)
    const value = secrets.machines[flavour]!.password
    await r.ask('admin', 'PATCH', `/v1/nodes/${uuid}`, [{ op: 'replace', path: '/driver_info/redfish_password', value }], 200)
    await r.provision(uuid, 'manage')
    await until(uuid, n => n.provision_state, 'manageable')
    const n = await r.node(uuid)
    expect(n.properties).toMatchObject({ cpus: expect.any(Number), memory_mb: expect.any(Number) })
    expect(n.last_error).toBeNull()
  })

  test('shows its BIOS settings and firmware, and is inspected over its BMC', async () => {
    const { body: bios } = await r.ask('admin', 'GET', `/v1/nodes/${uuid}/bios`, undefined, 200)
    expect(bios.bios.length).toBeGreaterThan(0)
    const { body: firmware } = await r.ask('admin', 'GET', `/v1/nodes/${uuid}/firmware`, undefined, 200)
    expect(firmware.firmware.map((f: any) => f.component)).toEqual(['bios', 'bmc'])
    await r.provision(uuid, 'inspect')
    await until(uuid, n => n.provision_state, 'manageable')
    const { body: found } = await r.ask('admin', 'GET', `/v1/nodes/${uuid}/inventory`, undefined, 200)
    const { body: ports } = await r.ask('admin', 'GET', `/v1/nodes/${uuid}/ports`, undefined, 200)
    expect(found.inventory.interfaces.length).toBeGreaterThan(0)
    expect(ports.ports.map((p: any) => p.address).sort()).toEqual(found.inventory.interfaces.map((i: any) => i.mac_address).sort())
  })

  test('is cleaned with a proof, leased, used, and taken back', async () => {
    await control('POST', `machines/${flavour}/press`, { how: 'short' })
    await expect.poll(async () => (await truth(flavour)).power, { timeout: 30_000 }).toBe('On')
    await r.provision(uuid, 'provide')
    await until(uuid, n => n.provision_state, 'available')
    expect((await truth(flavour)).power).toBe('Off')

    const lease = crypto.randomUUID()
    expect(await r.door.assign(uuid, LESSEE, lease)).toEqual({ is: 'assigned' })
    await r.power(uuid, 'power on', 'lessee')
    await until(uuid, n => [n.power_state, n.wanted], ['power on', {}])
    await expect.poll(async () => (await truth(flavour)).power, { timeout: 30_000 }).toBe('On')
    const set = await answered('lessee', 'PUT', `/v1/nodes/${uuid}/management/boot_device`, {
      boot_device: 'pxe',
      // Not every vendor has a lasting one.
      persistent: flavour !== 'xcc',
    })
    expect([set.status, set.body]).toEqual([204, undefined])
    expect((await truth(flavour)).override).toMatchObject({ target: 'Pxe' })
    const got = await answered('lessee', 'GET', `/v1/nodes/${uuid}/management/boot_device`)
    expect(got.body).toMatchObject({ boot_device: 'pxe' })
    await r.power(uuid, 'rebooting', 'lessee')
    await until(uuid, n => [n.power_state, n.wanted], ['power on', {}])

    // The answer to the command that switches it off is lost on the way.
    await control('POST', 'faults', { machine: flavour, kind: 'lost-reply', path: 'ComputerSystem.Reset', count: 1 })
    await r.door.release(uuid, lease)
    await r.ask('lessee', 'GET', `/v1/nodes/${uuid}`, undefined, 404)
    await until(uuid, n => n.release?.outcome, 'clean')
    const { power, override, media } = await truth(flavour)
    expect([power, override.enabled]).toEqual(['Off', 'Disabled'])
    expect(Object.values(media).filter((m: any) => m.image)).toEqual([])
    expect(await r.door.release(uuid, lease)).toMatchObject({ is: 'released', proof: { power: 'off', boot: 'no override' } })
    expect(await r.door.assign(uuid, LESSEE, crypto.randomUUID())).toEqual({ is: 'assigned' })
  })

  test('whose BMC lies or dies is quarantined, and not handed on', async () => {
    const n = await r.node(uuid)
    await r.power(uuid, 'power on', 'lessee')
    await until(uuid, n => [n.power_state, n.wanted], ['power on', {}])
    const { id } = await control('POST', 'faults', { machine: flavour, kind: flavour === 'plain' ? 'refuse' : 'power-ignored' })
    await r.door.release(uuid, n.lease)
    await until(uuid, n => n.release?.quarantined !== undefined, true)
    expect(await r.node(uuid)).toMatchObject({
      provision_state: 'clean failed',
      maintenance: true,
      lease: null,
      lessee: null,
      clean_proof: null,
    })
    expect(await r.door.assign(uuid, LESSEE, crypto.randomUUID())).toMatchObject({ is: 'waiting' })
    await control('DELETE', `faults/${id}`)
    await r.provision(uuid, 'manage')
    await r.provision(uuid, 'provide')
    await until(uuid, n => [n.provision_state, n.release.outcome], ['available', 'clean'])
    expect((await truth(flavour)).power).toBe('Off')
  })
})
