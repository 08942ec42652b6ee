import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import { interruptEverywhere } from '../../../kit/testing/interrupt.ts'
import { passwordConductor } from '../conductors/bmc-password.ts'
import { opened, storedPassword } from '../passwords.ts'
import { LESSEE, type Rig, rig, worldOf } from './rig.ts'

let r: Rig
beforeAll(async () => {
  r = await rig()
}, 60_000)
afterAll(async () => r?.close())

let count = 0
/** A node with an account, verified. */
const made = async () => {
  const address = `account-${++count}`
  const node = await r.enroll({ driver_info: { address, username: 'esi', password: 'right' }, properties: { erase: 'none' } })
  await r.provision(node.uuid, 'manage')
  await r.until(node.uuid, n => n.provision_state === 'manageable')
  return { ...node, machine: r.driver.machine(address) }
}
const path = (uuid: string) => `/v1/nodes/${uuid}/bmc/password`
const rotate = (uuid: string, body: object = {}, who = 'owner', status = 202) => r.ask(who, 'POST', path(uuid), body, status)
const row = async (uuid: string): Promise<any> =>
  (await r.connections.pool.query('select * from baremetal.bmc_password where node = $1', [uuid])).rows[0]
const kept = async (uuid: string): Promise<string> => storedPassword(await worldOf(r), await r.node(uuid))
/** Conducts until the change is over. */
const ended = async (uuid: string, seconds = 900) => {
  for (let s = 0; s <= seconds; s += 5) {
    await r.conduct()
    const { body } = await r.ask('owner', 'GET', path(uuid), undefined, 200)
    if (body.state === 'done' || body.state === 'failed') return body
    await r.clock.advance(5000)
  }
  throw new Error(`it did not end: ${JSON.stringify(await row(uuid))}`)
}

describe('the password of a BMC', () => {
  it('is made, set, proven by a login, and shown to nobody', async () => {
    const { uuid, machine } = await made()
    const { body } = await rotate(uuid)
    expect(body.does[0]).toBe('sets a password that is made for it for the account "esi" on its BMC')
    expect(await ended(uuid)).toMatchObject({ state: 'done', error: null })
    expect(machine.password).toMatch(/^[\w-]{16}$/)
    expect(machine.password).not.toBe('right')
    expect(await kept(uuid)).toBe(machine.password)
    expect(await row(uuid)).toMatchObject({ secrets: null })
    expect(await r.node(uuid)).toMatchObject({ reservation: null, driver_info: { username: 'esi', password: '******' } })
    // The node goes on with it.
    await r.power(uuid, 'power on')
    await r.until(uuid, n => n.power_state === 'power on')
    expect(await r.events(uuid, 'baremetal.node.bmc_password_changed')).toHaveLength(1)
    const { rows } = await r.connections.pool.query(`select row_to_json(e)::text as t from kit.event e where object_id = $1`, [uuid])
    const history = (await r.ask('owner', 'GET', `/v1/nodes/${uuid}/history?detail=true`)).body
    for (const text of [JSON.stringify(body), JSON.stringify(rows), JSON.stringify(history)]) expect(text).not.toContain(machine.password)
  })

  it('is what a person chose, where it will do', async () => {
    const { uuid, machine } = await made()
    expect(JSON.stringify((await rotate(uuid, { password: 'too-short' }, 'owner', 400)).body)).toContain('at least 12')
    await rotate(uuid, { password: 'x'.repeat(21) }, 'owner', 400)
    expect(await row(uuid)).toBeUndefined()
    await rotate(uuid, { password: 'chosen-by-hand' })
    await rotate(uuid, { password: 'another-by-hand' }, 'owner', 409)
    await ended(uuid)
    expect(machine.password).toBe('chosen-by-hand')
  })

  it('is as much of it as a BMC keeps that takes more, which is found out and said', async () => {
    const { uuid, machine } = await made()
    machine.keeps = 16
    await rotate(uuid, { password: 'twenty-characters-20' })
    expect(await ended(uuid)).toMatchObject({ state: 'done', error: 'The BMC keeps only its first 16 characters.' })
    expect([machine.password, await kept(uuid)]).toEqual(['twenty-character', 'twenty-character'])
  })

  it('may be one that the BMC has already, because somebody set it there', async () => {
    const { uuid, machine } = await made()
    machine.password = 'set-at-its-panel'
    await rotate(uuid, { password: 'set-at-its-panel' })
    expect(await ended(uuid)).toMatchObject({ state: 'done' })
    expect(await kept(uuid)).toBe('set-at-its-panel')
  })

  it('stays as it is in a dry run, and is nothing for a lessee or a stranger', async () => {
    const { uuid, machine } = await made()
    const { body } = await r.ask('owner', 'POST', `${path(uuid)}?dry_run=true`, {}, 200)
    expect(body.dry_run.not_tried).toEqual([{ conductor: 'bmc-password', key: uuid, at: expect.any(String) }])
    expect(await row(uuid)).toBeUndefined()
    await r.conduct()
    expect(machine.log).toEqual([])
    await rotate(uuid, {}, 'stranger', 404)
    await r.connections.pool.query(`update baremetal.node set lessee = $2, lessee_by = 'hand' where uuid = $1`, [uuid, LESSEE])
    await rotate(uuid, {}, 'lessee', 403)
  })

  it('waits for what is under way, and lets nothing else begin meanwhile', async () => {
    const { uuid, machine } = await made()
    machine.slow = 5
    // In the midst of it: the answer to the change is lost.
    machine.loseReplies = 1
    machine.loseRepliesTo = 'password'
    await r.power(uuid, 'power on')
    await rotate(uuid)
    await r.conduct()
    expect(await row(uuid)).toMatchObject({ state: 'asked' })
    expect(await r.until(uuid, n => n.reservation !== null)).toMatchObject({ power_state: 'power on' })
    await r.ask('owner', 'PUT', `/v1/nodes/${uuid}/states/power`, { target: 'power off' }, 409)
    expect(await ended(uuid)).toMatchObject({ state: 'done' })
    await r.power(uuid, 'power off')
    await r.until(uuid, n => n.power_state === 'power off')
  })

  it('does not keep a lease from ending: what is to be done with the machine waits for it', async () => {
    const { uuid, machine } = await made()
    await r.provision(uuid, 'provide')
    await r.until(uuid, n => n.provision_state === 'available')
    const lease = crypto.randomUUID()
    expect(await r.door.assign(uuid, LESSEE, lease)).toEqual({ is: 'assigned' })
    machine.loseReplies = 1
    await rotate(uuid)
    await r.until(uuid, n => n.reservation !== null, 60)
    // In the midst of it: the old password is worth nothing any more.
    expect(await r.door.release(uuid, lease)).toMatchObject({ is: 'releasing' })
    await r.conduct()
    const ended = await r.until(uuid, n => n.release?.ended_at !== undefined)
    expect(ended).toMatchObject({ provision_state: 'available', maintenance: false, fault: null, release: { outcome: 'clean' } })
    const { rows } = await r.connections.pool.query('select failures from baremetal.lease_end where lease = $1', [lease])
    expect(rows).toEqual([{ failures: [] }])
  })

  it('stays the old one where the BMC refuses it, with the reason', async () => {
    const { uuid, machine } = await made()
    machine.lies = true
    await rotate(uuid)
    expect(await ended(uuid)).toMatchObject({ state: 'failed', error: expect.stringContaining('keeps the old one') })
    expect(await kept(uuid)).toBe('right')
    expect(await r.node(uuid)).toMatchObject({ reservation: null })
    expect(await r.events(uuid, 'baremetal.node.bmc_password_failed')).toHaveLength(1)
  })

  it('is not asked for where neither works, and where the BMC is dead it is given up in the end', async () => {
    const { uuid, machine } = await made()
    machine.password = 'unknown'
    await rotate(uuid)
    expect(await ended(uuid)).toMatchObject({ state: 'failed', error: expect.stringContaining('takes neither') })
    machine.password = 'right'
    machine.fault = new BmcError('unreachable', 'It is dead.')
    await rotate(uuid)
    expect(await ended(uuid)).toMatchObject({ state: 'failed', error: 'It is dead.' })
    expect(machine.log).toEqual([])
  })

  it('keeps both where it cannot be found out which of them works, gives the node free, and goes on once it can', async () => {
    const { uuid, machine } = await made()
    machine.loseReplies = 1
    await rotate(uuid)
    await r.until(uuid, n => n.reservation !== null, 60)
    machine.fault = new BmcError('unreachable', 'It is dead.')
    for (let s = 0; s < 1800 && (await row(uuid)).state !== 'lost'; s += 30) {
      await r.clock.advance(30_000)
      await r.conduct()
    }
    expect(await row(uuid)).toMatchObject({ state: 'lost', error: 'It is dead.' })
    expect(await r.node(uuid)).toMatchObject({ reservation: null })
    const { next, old } = opened((await row(uuid)).secrets, r.kit.secrets)
    expect([old, next].includes(machine.password)).toBe(true)
    machine.fault = undefined
    const end = await ended(uuid)
    expect(await kept(uuid)).toBe(machine.password)
    expect(end.state).toBe(machine.password === next ? 'done' : 'failed')
  })
})

let chassis = 0
/** Nodes of one BMC, verified; each has its address in a form of its own. */
const sharing = async (more: readonly object[] = [{}, {}, {}]) => {
  const n = ++chassis
  const address = `chassis-${n}`
  const forms = [`https://192.0.2.${n}`, `https://192.0.2.${n}:443/redfish/v1/`, `192.0.2.${n}/`]
  const nodes: { uuid: string }[] = []
  for (const [i, each] of more.entries()) {
    const driver_info = { address, redfish_address: forms[i], username: 'esi', password: 'right' }
    nodes.push(await r.enroll({ name: `sled-${n}-${i}`, driver_info, properties: { erase: 'none' }, ...each }))
  }
  const verified = nodes.map(({ uuid }) => uuid)
  for (const uuid of verified) {
    await r.provision(uuid, 'manage')
    await r.until(uuid, node => node.provision_state === 'manageable')
  }
  return { uuids: verified, machine: r.driver.machine(address) }
}

describe('the password of a BMC that several nodes have', () => {
  it('is changed once for all of them, whichever is asked', async () => {
    const { uuids, machine } = await sharing()
    const [one, two, three] = uuids as [string, string, string]
    // A node at the same BMC with an account of its own has nothing to do with it, nor has one at another BMC.
    const info = { address: `chassis-${chassis}`, redfish_address: `https://192.0.2.${chassis}`, username: 'other', password: 'right' }
    const { uuid: apart } = await r.enroll({ name: `apart-${chassis}`, driver_info: info })
    const tried = (await r.ask('owner', 'POST', `${path(two)}?dry_run=true`, {}, 200)).body
    const text = JSON.stringify(tried)
    for (const uuid of [one, two, three]) expect(text).toContain(uuid)
    expect(text).not.toContain(apart)
    expect(tried.dry_run.not_tried.map((each: any) => each.key)).toEqual([two])
    expect(await row(one)).toBeUndefined()

    await rotate(two)
    await rotate(one, {}, 'owner', 409)
    // All of them are in its hands while it is set.
    machine.loseReplies = 1
    machine.loseRepliesTo = 'password'
    await r.until(three, n => n.reservation !== null, 60)
    for (const uuid of uuids) {
      expect(await r.node(uuid)).toMatchObject({ reservation: expect.any(String) })
      expect((await r.ask('owner', 'GET', path(uuid), undefined, 200)).body).toMatchObject({ state: 'setting' })
    }
    for (const uuid of uuids) {
      expect(await ended(uuid)).toMatchObject({ state: 'done', error: null })
      expect(await kept(uuid)).toBe(machine.password)
      expect(await row(uuid)).toMatchObject({ secrets: null, leader: null })
      expect(await r.node(uuid)).toMatchObject({ reservation: null, driver_info: { password: '******' } })
      for (const what of ['asked', 'changed']) expect(await r.events(uuid, `baremetal.node.bmc_password_${what}`)).toHaveLength(1)
    }
    expect(machine.log).toEqual(['password'])
    expect(machine.password).not.toBe('right')
    expect([await row(apart), await kept(apart)]).toEqual([undefined, 'right'])
    await r.power(one, 'power on')
    await r.until(one, n => n.power_state === 'power on')
  })

  it('is for those only who may change it for each, and who may not learns nothing of the others', async () => {
    const { uuids } = await sharing([{}, { owner: LESSEE, name: 'secret-sled' }])
    const { body } = await rotate(uuids[0]!, {}, 'owner', 403)
    expect(JSON.stringify(body)).toContain('you may not change it for all')
    for (const what of [uuids[1]!, 'secret-sled', LESSEE]) expect(JSON.stringify(body)).not.toContain(what)
    expect((await r.ask('owner', 'POST', `${path(uuids[0]!)}?dry_run=true`, {}, 403)).body).toEqual(body)
    for (const uuid of uuids) expect(await row(uuid)).toBeUndefined()
    await rotate(uuids[0]!, {}, 'admin')
    for (const uuid of uuids) await r.ask('admin', 'GET', path(uuid), undefined, 200)
    await ended(uuids[0]!)
    expect(await kept(uuids[1]!)).toBe(r.driver.machine(`chassis-${chassis}`).password)
  })

  it('waits for what is under way with any of them, and is not changed for fewer than have it by now', async () => {
    const { uuids, machine } = await sharing([{}, {}])
    await rotate(uuids[0]!)
    // Before it is begun, a third one is enrolled.
    const info = { address: `chassis-${chassis}`, redfish_address: `https://192.0.2.${chassis}`, username: 'esi', password: 'right' }
    const late = await r.enroll({ name: `late-${chassis}`, driver_info: info })
    expect(await ended(uuids[0]!)).toMatchObject({ state: 'failed', error: expect.stringContaining('Ask for it once more') })
    expect(await ended(uuids[1]!)).toMatchObject({ state: 'failed' })
    machine.slow = 5
    await r.power(uuids[1]!, 'power on')
    await rotate(uuids[0]!)
    await r.conduct()
    expect(await row(uuids[0]!)).toMatchObject({ state: 'asked' })
    for (const uuid of [...uuids, late.uuid]) {
      expect(await ended(uuid)).toMatchObject({ state: 'done' })
      expect(await kept(uuid)).toBe(machine.password)
    }
  })

  it('is found out by each of the others where the one that was asked is deleted in the midst of it', async () => {
    const { uuids, machine } = await sharing()
    machine.loseReplies = 1
    machine.loseRepliesTo = 'password'
    await rotate(uuids[0]!)
    await r.until(uuids[0]!, n => n.reservation !== null, 60)
    machine.fault = new BmcError('unreachable', 'It is dead.')
    for (let s = 0; s < 1800 && (await row(uuids[0]!)).state !== 'lost'; s += 30) {
      await r.clock.advance(30_000)
      await r.conduct()
    }
    for (const uuid of uuids) {
      expect(await row(uuid)).toMatchObject({ state: 'lost' })
      expect(await r.node(uuid)).toMatchObject({ reservation: null })
      expect(await r.events(uuid, 'baremetal.node.bmc_password_lost')).toHaveLength(1)
    }
    await r.ask('admin', 'DELETE', `/v1/nodes/${uuids[0]}`, undefined, 204)
    machine.fault = undefined
    for (const uuid of uuids.slice(1)) {
      await ended(uuid)
      expect(await kept(uuid)).toBe(machine.password)
    }
  })
})

it('is changed wherever its conductor is killed, and at every moment one of the two that are kept works', async () => {
  const effects = await interruptEverywhere({
    async start(tap) {
      const { uuid, machine } = await made()
      await rotate(uuid)
      const world = await worldOf(r, tap, ['setPassword'])
      return { conductor: passwordConductor(world), database: world.database, clock: r.clock, key: uuid, machine }
    },
    async invariant({ key, machine }, moment) {
      const { secrets } = await row(key)
      const keys = secrets === null ? undefined : opened(secrets, r.kit.secrets)
      expect([await kept(key), keys?.next, keys?.old]).toContain(machine.password)
      expect((await r.events(key, 'baremetal.node.bmc_password_changed')).length).toBe(secrets === null ? 1 : 0)
      if (moment !== 'finished') return
      expect(await kept(key)).toBe(machine.password)
      expect(machine.password).not.toBe('right')
      expect(await r.node(key)).toMatchObject({ reservation: null })
    },
    goOn: async (trial, outcome) => {
      if (outcome.is === 'again') await trial.clock.advance(outcome.after)
      if (outcome.is === 'wait') await trial.clock.set(outcome.until)
      return true
    },
    most: 100,
  })
  expect(effects).toEqual(['commit', 'commit', 'setPassword', 'commit', 'commit'])
})

it('of several nodes is changed wherever its conductor is killed: for all of them or for none, and one of the two that are kept works', async () => {
  const effects = await interruptEverywhere({
    async start(tap) {
      const { uuids, machine } = await sharing([{}, {}])
      await rotate(uuids[0]!)
      const world = await worldOf(r, tap, ['setPassword'])
      return { conductor: passwordConductor(world), database: world.database, clock: r.clock, key: uuids[0]!, uuids, machine }
    },
    async invariant({ uuids, machine }, moment) {
      const rows = await Promise.all(uuids.map(row))
      const stored = await Promise.all(uuids.map(kept))
      expect(new Set(stored).size).toBe(1)
      expect(new Set(rows.map(({ state, secrets, tries }) => JSON.stringify([state, secrets, tries]))).size).toBe(1)
      const [{ secrets }] = rows
      for (const each of rows) {
        const keys = each.secrets === null ? undefined : opened(each.secrets, r.kit.secrets)
        expect([stored[0], keys?.next, keys?.old]).toContain(machine.password)
      }
      for (const uuid of uuids) expect(await r.events(uuid, 'baremetal.node.bmc_password_changed')).toHaveLength(secrets === null ? 1 : 0)
      expect(new Set((await Promise.all(uuids.map(r.node))).map(n => n.reservation)).size).toBe(1)
      if (moment !== 'finished') return
      expect(stored[0]).toBe(machine.password)
      expect(machine.password).not.toBe('right')
      for (const uuid of uuids) expect(await r.node(uuid)).toMatchObject({ reservation: null })
    },
    goOn: async (trial, outcome) => {
      if (outcome.is === 'again') await trial.clock.advance(outcome.after)
      if (outcome.is === 'wait') await trial.clock.set(outcome.until)
      return true
    },
    most: 100,
  })
  expect(effects).toEqual(['commit', 'commit', 'setPassword', 'commit', 'commit'])
})
