import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { interruptEverywhere, type Tap, type Trial } from '../../../kit/testing/interrupt.ts'
import { nodeConductor } from '../conductors/node.ts'
import { type LabRig, labRig } from './lab-rig.ts'
import { PART_WRITES } from './parts.ts'
import { worldOf } from './rig.ts'

const SPEED = 500
/** iDRAC leaves nearly everything for the next start. ESI_TEST_FLAVOURS names more of them, by commas. */
const FLAVOURS = (process.env['ESI_TEST_FLAVOURS'] ?? 'idrac').split(',')
const EACH = 60
const DISKS = Array.from({ length: 2 }, () => ({ gb: 2000, kind: 'hdd' }))

let l: LabRig
beforeAll(async () => {
  l = await labRig(
    FLAVOURS.flatMap((flavour, f) =>
      Array.from({ length: EACH }, (_, i) => ({ name: `${flavour}${i}`, flavour, address: `127.79.${f + 1}.${i + 1}`, disks: DISKS })),
    ),
    SPEED,
  )
}, 60_000)
afterAll(() => l?.stop())

/** Refused a second time, by this BMC. */
const ONCE = ['setPower', 'updateFirmware', 'createVolume']

interface Work extends Trial {
  readonly name: string
}

const step = (kind: string, name: string, args: object = {}) => ({ interface: kind, step: name, args })
const image = (component: string, version: string) => ({ component, url: `http://images.example/${component}-${version}.bin` })

/** A machine that nobody has used yet, about to do those steps. */
const used = new Map<string, number>()
const begin = async (tap: Tap, flavour: string, steps: readonly object[]): Promise<Work> => {
  const i = used.get(flavour) ?? 0
  used.set(flavour, i + 1)
  const name = `${flavour}${i}`
  const uuid = await l.manageable(name)
  await l.ask(
    'admin',
    'PUT',
    `/v1/nodes/${uuid}/states/raid`,
    { logical_disks: [{ raid_level: '1', size_gb: 100, volume_name: 'root', is_root_volume: true }] },
    204,
  )
  await l.clean(uuid, ...steps)
  const world = await worldOf(l.r, tap, PART_WRITES, ONCE)
  return {
    conductor: nodeConductor(world),
    database: l.database,
    clock: l.clock,
    key: uuid,
    name,
    stop: async () => void (await l.connections.pool.query('delete from kit.work where key = $1', [uuid])),
  }
}

const onwards = {
  async goOn({ clock }: Work, outcome: { is: string; after?: number; until?: any }) {
    const before = clock.millis()
    if (outcome.is === 'again') await clock.advance(outcome.after!)
    if (outcome.is === 'wait') await clock.set(outcome.until)
    // The machines take their own time. They get more of it than our clock says, so that a slow computer changes nothing.
    await sleep(Math.min(clock.millis() - before, 5000) / 125)
    return true
  },
  most: 1500,
}

const done = async (name: string, path: string, method = 'POST') =>
  (await l.control('GET', `calls?machine=${name}&path=${path}`)).calls.filter((c: any) => c.method === method && c.done)

describe.each(FLAVOURS)('%s, stopped anywhere', flavour => {
  it('has its image written once, and one volume', async () => {
    const steps = [step('firmware', 'update', { settings: [image('bios', '3.1.4')] }), step('raid', 'create_configuration')]
    await interruptEverywhere<Work>({
      start: tap => begin(tap, flavour, steps),
      ...onwards,
      async invariant({ key, name }, moment) {
        const truth = await l.truth(name)
        expect(truth.bricked).toBe(false)
        if (moment !== 'finished') return
        expect(await l.node(key)).toMatchObject({ provision_state: 'manageable', last_error: null, flash: null, wanted: {}, notes: null })
        expect(truth).toMatchObject({ power: 'Off', firmware: { bios: '3.1.4' } })
        expect(truth.volumes.map((v: any) => [v.level, v.name])).toEqual([['RAID1', 'root']])
        expect((await done(name, 'SimpleUpdate')).length).toBe(1)
        expect((await done(name, 'Volumes')).length).toBe(1)
      },
    })
  }, 600_000)
})
