import { afterAll, beforeAll, expect, test } from 'vitest'
import { interruptEverywhere, type Tap, type Trial } from '../../../kit/testing/interrupt.ts'
import { IDENTITY, Rack } from '../test/rack.ts'
import { type Rig, rig, worldOf } from '../test/rig.ts'
import { discoveryConductor } from './discovery.ts'

const WRITES = ['setPower', 'setBootDevice', 'setBootMode', 'setSecureBoot', 'insertMedia', 'ejectMedia', 'nmi', 'baseline'] as const
const ACCOUNTS = [
  { username: 'root', password: 'one' },
  { username: 'admin', password: 'zwei-und-zwanzig' },
]

let rack: Rack
let r: Rig
beforeAll(async () => {
  rack = new Rack()
  r = await rig(rack)
}, 60_000)
afterAll(async () => r?.close())

interface Search extends Trial {
  /** The addresses of this trial: `net` and the last number. */
  readonly net: string
  /** What an earlier look has shown as found or refused: it stays. */
  readonly seen: Set<string>
}

let trials = 0

/** One that is let in, one by the second account only, one that refuses both, and nothing at the fourth. */
const start = async (tap: Tap): Promise<Search> => {
  const n = ++trials
  const net = `10.0.${n}`
  const machine = (k: number) => ({
    serial: `S-${n}-${k}`,
    uuid: `4c4c4544-0034-3510-8048-${String(n * 10 + k).padStart(12, '0')}`,
    macs: [`aa:bb:cc:00:${n.toString(16).padStart(2, '0')}:0${k}`],
    bmcMacs: [],
  })
  rack.at.set(`${net}.1`, { identity: machine(1) })
  rack.at.set(`${net}.2`, { identity: machine(2), password: 'zwei-und-zwanzig', certificate: 'sha256:aa' })
  rack.at.set(`${net}.3`, { password: 'three' })
  const { uuid } = (await r.ask('admin', 'POST', '/v1/discoveries', { ranges: [`${net}.1-${net}.4`], accounts: ACCOUNTS }, 202)).body
  const conductor = discoveryConductor(await worldOf(r, tap, WRITES))
  return { conductor, key: uuid, database: r.database, clock: r.clock, net, seen: new Set() }
}

const rows = async (sql: string, values: unknown[] = []): Promise<any[]> => (await r.connections.pool.query(sql, values)).rows
const finishes = async (key: string) => (await r.events(key, 'baremetal.discovery.finished')).length

/** As it may be looked at in every moment. */
const invariant = async ({ key, net, seen }: Search): Promise<any> => {
  const { status, body } = await r.ask('admin', 'GET', `/v1/discoveries/${key}`)
  const kept = JSON.stringify([
    await rows('select * from baremetal.discovery'),
    await rows('select * from baremetal.discovery_address'),
    await rows('select * from baremetal.hardware_call'),
    await rows('select * from kit.event'),
    await rows('select * from kit.work'),
  ])
  for (const { password } of [ACCOUNTS[1]!, { password: 'three' }]) expect(kept + JSON.stringify(body)).not.toContain(password)
  // Asked once more by whoever took over, no oftener: many BMCs lock an account.
  for (const which of ['.1 root', '.2 root', '.2 admin', '.3 root', '.3 admin'])
    expect(rack.tried.filter(t => t === `${net}${which}`).length).toBeLessThanOrEqual(2)
  for (const k of [1, 2, 3, 4]) expect(rack.machine(`${net}.${k}`).log).toEqual([])
  if (status === 404) return undefined
  for (const { address } of [...body.found, ...body.failed]) seen.add(address)
  expect([...body.found, ...body.failed].map(each => each.address).sort()).toEqual([...seen].sort())
  for (const each of body.found)
    expect(each).toMatchObject(
      rack.at.get(each.address)!.certificate
        ? { certificate: 'sha256:aa', serial: expect.stringMatching(/-2$/) }
        : { certificate: null, serial: expect.stringMatching(/-1$/) },
    )
  expect(body.failed).toEqual(
    [...seen].includes(`${net}.3`)
      ? [{ address: `${net}.3`, driver: 'pretend', fault: 'credentials', message: 'It refuses the password.' }]
      : [],
  )
  // It says that it is done when every address was asked, and tells of it once.
  expect(body.progress.done).toBe(seen.size + body.progress.silent)
  expect(await finishes(key)).toBe(body.state === 'done' ? 1 : 0)
  if (body.state === 'done') expect(body.progress).toEqual({ addresses: 4, done: 4, silent: 1 })
  return body
}

test('a search may be interrupted anywhere: what was found stays, nothing is changed there, and in the end no password is left', async () => {
  const effects = await interruptEverywhere<Search>({
    start,
    async goOn(trial, outcome) {
      const { key, clock } = trial
      if (outcome.is === 'again') await clock.advance(outcome.after)
      if (outcome.is === 'wait') {
        expect(await invariant(trial)).toMatchObject({ state: 'done' })
        expect((await rows('select secrets from baremetal.discovery where uuid = $1', [key]))[0].secrets).toMatch(/^esi1:/)
        await clock.set(outcome.until)
      }
      return outcome.is !== 'done'
    },
    async invariant(trial, moment) {
      const shown = await invariant(trial)
      if (moment !== 'finished') return
      expect(shown).toBeUndefined()
      expect(trial.seen.size).toBe(3)
      expect(await finishes(trial.key)).toBe(1)
      expect(await rows('select from baremetal.discovery where uuid = $1', [trial.key])).toEqual([])
      expect(await rows('select from baremetal.discovery_address where discovery = $1', [trial.key])).toEqual([])
    },
  })
  // An address each, the end of the search, and of what was kept for it.
  expect(effects).toEqual(['commit', 'commit', 'commit', 'commit', 'commit', 'commit'])
})

test('whoever enrolls what was found while a search is interrupted gets each machine once, and the rest later', async () => {
  const enrol = async (key: string, body: object) => (await r.ask('admin', 'POST', `/v1/discoveries/${key}/enrol`, body, 202)).body
  await interruptEverywhere<Search>({
    start,
    async goOn({ clock }, outcome) {
      if (outcome.is === 'again') await clock.advance(outcome.after)
      return outcome.is === 'again'
    },
    async invariant(trial, moment) {
      const shown = await invariant(trial)
      const there = shown.found.map((f: any) => f.address)
      const known = shown.found.filter((f: any) => f.node !== null).map((f: any) => f.address)
      const body = { manage: false, name: `t${trials}-{address}`, ...(moment === 'finished' ? {} : { keep: true }) }
      const answer = await enrol(trial.key, body)
      expect([...answer.nodes.map((n: any) => n.address), ...known].sort()).toEqual(there.sort())
      expect(answer.skipped.map((s: any) => s.address)).toEqual(known)
      const nodes = await rows(
        `select uuid, extra, driver_info from baremetal.node where extra -> 'discovered' ->> 'address' like $1 order by 2`,
        [`${trial.net}.%`],
      )
      expect(nodes).toHaveLength(there.length)
      if (moment !== 'finished') return
      expect(nodes.map(n => n.driver_info.username)).toEqual(['root', 'admin'])
      for (const { uuid } of nodes) expect(await rows('select from baremetal.port where node_uuid = $1', [uuid])).toHaveLength(1)
      // Nothing is left that a password could be read from but the nodes themselves.
      expect(await rows('select from baremetal.discovery where uuid = $1', [trial.key])).toEqual([])
      expect(await rows('select from baremetal.discovery_address where discovery = $1', [trial.key])).toEqual([])
    },
  })
})

test('a search that is ended by hand while it runs comes to an end, and writes nothing of what it heard', async () => {
  const trial = await start({ database: d => d, writes: d => d })
  const { seek } = rack
  let ended: Promise<unknown> | undefined
  const at: typeof seek.at = async (...given) => {
    ended ??= r.ask('admin', 'DELETE', `/v1/discoveries/${trial.key}`, undefined, 204)
    await ended
    return seek.at(...given)
  }
  Object.assign(rack, { seek: { ...seek, at } })
  await r.conduct()
  Object.assign(rack, { seek })
  expect(await rows('select from baremetal.discovery_address where discovery = $1', [trial.key])).toEqual([])
  expect(await finishes(trial.key)).toBe(0)
  expect(await rows(`select last_outcome from kit.work where conductor = 'discovery' and key = $1`, [trial.key])).toEqual([
    { last_outcome: 'done' },
  ])
})

test('a machine that answers at two addresses is one machine', async () => {
  const net = `10.1.${++trials}`
  rack.at.set(`${net}.1`, { identity: IDENTITY })
  rack.at.set(`${net}.2`, { identity: IDENTITY })
  const { uuid } = (await r.ask('admin', 'POST', '/v1/discoveries', { ranges: [`${net}.1-${net}.2`], accounts: ACCOUNTS }, 202)).body
  await r.conduct()
  const answer = (await r.ask('admin', 'POST', `/v1/discoveries/${uuid}/enrol`, { manage: false, name: 'twice' }, 202)).body
  expect(answer).toMatchObject({
    nodes: [{ name: 'twice', address: `${net}.1`, ports: 2 }],
    skipped: [{ address: `${net}.2`, why: 'It is the node twice already.' }],
  })
  expect(await rows(`select from baremetal.node where extra -> 'discovered' ->> 'uuid' = $1`, [IDENTITY.uuid])).toHaveLength(1)
})
