import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'
import { bmcContract } from './contract.ts'
import { redfish } from './redfish.ts'

// The lab is another program: it is started as one, and asked over its control API.
const LAB = fileURLToPath(new URL('../../../../lab/bin/esi-lab.mjs', import.meta.url))
const FLAVOURS = ['plain', 'idrac', 'ilo', 'xcc', 'supermicro'] as const

interface LabFile {
  readonly ca: string
  readonly ssh: { readonly hostKey: string }
  readonly control: string
  readonly machines: readonly { name: string; address: string; system: string }[]
}

interface View {
  readonly power: string
  readonly runs: string | null
  readonly override: { readonly enabled: string; readonly target: string }
  readonly media: Readonly<Record<string, { readonly image?: string }>>
  readonly sessions: number
  readonly bios: Readonly<Record<string, unknown>>
}

let folder: string
let lab: ChildProcess
let file: LabFile
let secrets: { token: string; machines: Record<string, { user: string; password: string }> }

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'esi-driver-lab-'))
  const machines = FLAVOURS.map((flavour, i) => ({
    name: flavour,
    flavour,
    address: `127.77.0.${i + 1}`,
    disks: [{ gb: 10, os: 'linux' }],
  }))
  writeFileSync(join(folder, 'rack.yaml'), JSON.stringify({ password: 'correct horse', machines }))
  const args = ['start', '--folder', folder, '--config', join(folder, 'rack.yaml'), '--speed', '500', '--parent', String(process.pid)]
  lab = spawn(process.execPath, [LAB, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const _ of createInterface({ input: lab.stdout! })) break
  file = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8'))
  secrets = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8'))
})
afterAll(async () => {
  const ended = new Promise(resolve => lab.once('exit', resolve))
  lab.kill()
  await ended
  rmSync(folder, { recursive: true, force: true })
})

const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
  const headers = { authorization: `Bearer ${secrets.token}`, 'content-type': 'application/json' }
  const response = await fetch(`${file.control}/${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
  return answer as T
}

const DEVICES: Readonly<Record<string, string>> = { Pxe: 'pxe', Hdd: 'disk', Cd: 'cdrom', UsbCd: 'cdrom', BiosSetup: 'bios' }

const BIOS = {
  plain: { name: 'NumLock', values: ['On', 'Off'] },
  idrac: { name: 'NumLock', values: ['On', 'Off'] },
  ilo: { name: 'ProcTurbo', values: ['Enabled', 'Disabled'] },
  xcc: { name: 'Processors_TurboMode', values: ['Enable', 'Disable'] },
  supermicro: { name: 'TurboMode', values: ['Enable', 'Disable'] },
} as const

for (const flavour of FLAVOURS)
  bmcContract(`redfish on the lab's ${flavour}`, async () => {
    const at = file.machines.find(m => m.name === flavour)!
    const settings = {
      redfish_address: at.address,
      redfish_system_id: at.system,
      redfish_username: secrets.machines[flavour]!.user,
      redfish_password: 'correct horse',
      redfish_verify_ca: file.ca,
      redfish_ssh_fingerprint: file.ssh.hostKey,
    }
    const fault = (order: object) => async () => {
      const { id } = await ask<{ id: number }>('POST', 'faults', { machine: flavour, ...order })
      return async () => void (await ask('DELETE', `faults/${id}`))
    }
    return {
      driver: redfish({ limits: { rest: 0, request: 10_000 } }),
      settings,
      settle: 20_000,
      image: 'http://127.0.0.1:9/ramdisk.iso',
      runs: async () => (await ask<View>('GET', `machines/${flavour}`)).runs,
      bios: { ...BIOS[flavour], truth: async () => (await ask<View>('GET', `machines/${flavour}`)).bios[BIOS[flavour].name] },
      console: settings,
      truth: async () => {
        const { power, override, media, sessions } = await ask<View>('GET', `machines/${flavour}`)
        const set = override.enabled !== 'Disabled'
        const boot = { device: set ? (DEVICES[override.target] ?? null) : null, persistent: set ? override.enabled === 'Continuous' : null }
        return { power: power === 'Off' ? 'off' : 'on', boot, images: Object.values(media).map(m => m.image ?? ''), sessions }
      },
      ready: async () =>
        void (await expect.poll(async () => (await ask<View>('GET', `machines/${flavour}`)).runs, { timeout: 20_000 }).toBe('linux')),
      press: async power => void (await ask('POST', `machines/${flavour}/press`, { how: power === 'on' ? 'short' : 'long' })),
      // All but one of them boot from everything that there is a name for.
      without: flavour === 'xcc' ? [] : ['another boot device'],
      wrong: [
        { what: 'password', settings: { ...settings, redfish_password: 'battery staple' }, fault: 'credentials' },
        { what: 'certificate', settings: { ...settings, redfish_verify_ca: true }, fault: 'certificate' },
        { what: 'system', settings: { ...settings, redfish_system_id: '/redfish/v1/Systems/none' }, fault: 'settings' },
      ],
      faults: {
        dead: fault({ kind: 'refuse' }),
        busy: fault({ kind: 'busy', seconds: 60 }),
        garbled: fault({ kind: 'garbled', method: 'GET' }),
        loseReply: fault({ kind: 'lost-reply', path: 'ComputerSystem.Reset' }),
      },
    }
  })
