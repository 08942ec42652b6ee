import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import { type Rig, rig } from './rig.ts'

let r: Rig
beforeAll(async () => {
  r = await rig()
}, 60_000)
afterAll(async () => r?.close())

const settled = (n: any) => n.wanted.power === undefined

describe('verifying', () => {
  test('reaches the BMC, takes down what the machine is, and keeps what the owner said of it', async () => {
    const { uuid } = await r.enroll({ properties: { cpus: 4 } })
    await r.provision(uuid, 'manage')
    const n = await r.until(uuid, n => n.provision_state === 'manageable')
    expect(n).toMatchObject({
      power_state: 'power off',
      target_provision_state: null,
      last_error: null,
      boot_mode: 'uefi',
      secure_boot: false,
      properties: { cpus: 4, memory_mb: 65_536, vendor: 'Pretend' },
      wanted: {},
    })
    expect(n.driver_internal_info.identity).toMatchObject({ model: 'P1' })
  })

  test('a wrong password sends it back to enroll with a sentence that says so, and says nothing of the password', async () => {
    const { uuid } = await r.enroll()
    await r.ask('admin', 'PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/driver_info/password', value: 'hunter2' }], 200)
    await r.provision(uuid, 'manage')
    const n = await r.until(uuid, n => n.provision_state === 'enroll')
    expect(n.last_error).toBe("Failed to verify the node's BMC. Error: The BMC refuses the password. Set a new one.")
    expect(JSON.stringify(await r.events(uuid))).not.toContain('hunter2')
  })

  test('a BMC that is busy is asked again', async () => {
    const { uuid, machine } = await r.enroll()
    machine.fault = new BmcError('busy', 'It is starting.')
    await r.provision(uuid, 'manage')
    await r.until(uuid, n => n.notes?.tries === 2)
    machine.fault = undefined
    await r.until(uuid, n => n.provision_state === 'manageable')
  })
})

describe('power', () => {
  test('is switched on and off and read back, and a machine that runs is not proven clean', async () => {
    const { uuid, machine } = await r.ready()
    expect((await r.node(uuid)).clean_proof).toMatchObject({ power: 'off' })
    await r.power(uuid, 'power on')
    expect(await r.node(uuid)).toMatchObject({ target_power_state: 'power on', power_state: 'power off' })
    expect(await r.until(uuid, settled)).toMatchObject({
      target_power_state: null,
      power_state: 'power on',
      clean_proof: null,
      clean_at: null,
    })
    expect(machine.power).toBe('on')
    await r.power(uuid, 'power off')
    expect(await r.until(uuid, settled)).toMatchObject({ power_state: 'power off', clean_proof: null })
    expect(machine.log).toEqual(['power on', 'power off'])
  })

  test('a restart is off and on, each read back', async () => {
    const { uuid, machine } = await r.ready()
    await r.power(uuid, 'power on')
    await r.until(uuid, settled)
    machine.log.length = 0
    machine.slow = 3
    await r.power(uuid, 'rebooting')
    await r.until(uuid, settled)
    expect(machine.log).toEqual(['power off', 'power on'])
    expect(machine.power).toBe('on')
  })

  test('a system that does not go off by itself is switched off when its time is over', async () => {
    const { uuid, machine } = await r.ready()
    await r.power(uuid, 'power on')
    await r.until(uuid, settled)
    machine.log.length = 0
    machine.deaf = true
    await r.power(uuid, 'soft power off', 'admin', 30)
    const asked = r.clock.millis()
    await r.until(uuid, settled)
    expect(machine.log).toEqual(['power soft off', 'power off'])
    expect(r.clock.millis() - asked).toBeGreaterThanOrEqual(30_000)
    expect(await r.node(uuid)).toMatchObject({ power_state: 'power off', last_error: null })
  })

  test('a BMC that lies is found out', async () => {
    const { uuid, machine } = await r.ready()
    machine.lies = true
    await r.power(uuid, 'power on')
    const n = await r.until(uuid, settled)
    expect(n.last_error).toBe(
      "Failed to change power state to 'power on' by 'on'. Error: The BMC was asked 3 times to switch the machine on, and after 60 s it is still off.",
    )
    expect(n).toMatchObject({ target_power_state: null, power_state: 'power off' })
    expect(machine.log).toEqual(['power on', 'power on', 'power on'])
  })

  test('a lost reply is read back, and what may still act is waited for', async () => {
    const { uuid, machine } = await r.ready()
    machine.loseReplies = 1
    await r.power(uuid, 'power on')
    const asked = r.clock.millis()
    await r.until(uuid, settled)
    expect(machine.log).toEqual(['power on'])
    expect(r.clock.millis() - asked).toBeGreaterThanOrEqual(55_000)
    expect(await r.node(uuid)).toMatchObject({ power_state: 'power on', last_error: null })
  })

  test('a dead BMC and a wrong password end with a reason', async () => {
    const { uuid, machine } = await r.ready()
    machine.fault = new BmcError('unreachable', 'Nobody answers at m.')
    await r.power(uuid, 'power on')
    const asked = r.clock.millis()
    expect((await r.until(uuid, settled)).last_error).toMatch(
      /Nobody answers at m\. It was tried for 60 s; a longer "timeout" may be given\.$/,
    )
    expect(r.clock.millis() - asked).toBeGreaterThanOrEqual(60_000)
    machine.fault = new BmcError('credentials', 'It refuses the password.')
    await r.power(uuid, 'power on')
    await r.conduct()
    expect(await r.node(uuid)).toMatchObject({ wanted: {}, target_power_state: null, last_error: expect.stringMatching(/password\.$/) })
    expect(machine.log).toEqual([])
  })

  test.each([
    ['power on', 600, 240_000, ['power on']],
    ['rebooting', 600, 240_000, ['power on']],
    // Soft ones have ten minutes where nobody says otherwise, the others one.
    ['soft power off', undefined, 500_000, ['power soft off']],
    ['power on', undefined, 45_000, ['power on']],
  ] as const)('%s with timeout %j outlives a BMC that restarts for a while', async (target, timeout, away, log) => {
    const { uuid, machine } = await r.ready()
    machine.power = target === 'soft power off' ? 'on' : 'off'
    machine.fault = new BmcError('unreachable', 'It restarts.')
    await r.power(uuid, target, 'admin', timeout)
    const asked = r.clock.millis()
    while (r.clock.millis() - asked < away) {
      await r.conduct()
      expect((await r.node(uuid)).wanted.power).toBeDefined()
      await r.clock.advance(5000)
    }
    machine.fault = undefined
    expect(await r.until(uuid, settled, 60)).toMatchObject({
      power_state: target === 'soft power off' ? 'power off' : 'power on',
      last_error: null,
    })
    expect(machine.log).toEqual(log)
    expect(await r.events(uuid, 'baremetal.node.power_failed')).toEqual([])
  })

  test('a BMC that restarts between off and on has the restart go on where it was', async () => {
    const { uuid, machine } = await r.ready()
    machine.power = 'on'
    const open = r.driver.open.bind(r.driver)
    r.driver.open = settings => {
      const bmc = open(settings)
      const setPower: typeof bmc.setPower = async (action, call) => {
        await bmc.setPower(action, call)
        if (machine.log.length === 1) machine.fault = new BmcError('unreachable', 'It restarts.')
      }
      return { ...bmc, setPower }
    }
    try {
      await r.power(uuid, 'rebooting', 'admin', 300)
      await r.conduct()
      expect([machine.log, machine.power]).toEqual([['power off'], 'off'])
      for (let s = 0; s < 200; s += 5) {
        await r.clock.advance(5000)
        await r.conduct()
      }
      machine.fault = undefined
      expect(await r.until(uuid, settled)).toMatchObject({ power_state: 'power on', last_error: null })
      expect(machine.log).toEqual(['power off', 'power on'])
    } finally {
      r.driver.open = open
    }
  })

  test('a given time ends the wish, on time and not before', async () => {
    const { uuid, machine } = await r.ready()
    machine.lies = true
    await r.power(uuid, 'power on', 'admin', 200)
    const asked = r.clock.millis()
    const n = await r.until(uuid, settled)
    expect(n.last_error).toMatch(/after 200 s it is still off\.$/)
    expect(r.clock.millis() - asked).toBeGreaterThanOrEqual(200_000)
    expect(r.clock.millis() - asked).toBeLessThan(210_000)
  })

  test('a soft button that the BMC was too busy to press is pressed after all, and once', async () => {
    const { uuid, machine } = await r.ready()
    machine.power = 'on'
    const open = r.driver.open.bind(r.driver)
    let busy = 2
    r.driver.open = settings => {
      const bmc = open(settings)
      const setPower: typeof bmc.setPower = async (action, call) => {
        if (busy-- > 0) throw new BmcError('busy', 'It is at something else.')
        return bmc.setPower(action, call)
      }
      return { ...bmc, setPower }
    }
    try {
      await r.power(uuid, 'soft power off')
      const asked = r.clock.millis()
      await r.until(uuid, settled)
      expect(machine.log).toEqual(['power soft off'])
      expect(r.clock.millis() - asked).toBeLessThan(60_000)
    } finally {
      r.driver.open = open
    }
  })

  test('a BMC that refuses what it is about to do already is waited for; one that refuses at once is not', async () => {
    const { uuid, machine } = await r.ready()
    machine.slow = 8
    const open = r.driver.open.bind(r.driver)
    let refused = 0
    let first = false
    r.driver.open = settings => {
      const bmc = open(settings)
      const setPower: typeof bmc.setPower = async (action, call) => {
        if (first || machine.log.length > 0) {
          refused++
          throw new BmcError('refused', 'Not in its present state.')
        }
        return bmc.setPower(action, call)
      }
      return { ...bmc, setPower }
    }
    try {
      await r.power(uuid, 'power on')
      expect(await r.until(uuid, settled)).toMatchObject({ power_state: 'power on', last_error: null })
      expect([machine.log, refused]).toEqual([['power on'], 1])
      first = true
      await r.power(uuid, 'power off')
      await r.conduct()
      expect((await r.node(uuid)).last_error).toMatch(/Not in its present state\.$/)
      expect(refused).toBe(2)
    } finally {
      r.driver.open = open
    }
  })

  test('no timeout is too long to be reckoned with', async () => {
    const { uuid, machine } = await r.ready()
    await r.power(uuid, 'power on', 'admin', 2 ** 31 - 1)
    expect(await r.until(uuid, settled)).toMatchObject({ power_state: 'power on' })
    expect(machine.power).toBe('on')
  })

  test('somebody presses the button: the node follows, and says so', async () => {
    const { uuid, machine } = await r.ready()
    machine.power = 'on'
    const n = await r.until(uuid, n => n.power_state === 'power on')
    expect(n.clean_proof).toBeNull()
    expect(await r.events(uuid, 'baremetal.node.drift')).toMatchObject([{ data: { what: 'power', was: 'power off', is: 'power on' } }])
  })

  test('a machine that cannot be read is put into maintenance, and comes back by itself', async () => {
    const { uuid, machine } = await r.ready()
    machine.fault = new BmcError('unreachable', 'Nobody answers.')
    const n = await r.until(uuid, n => n.maintenance)
    expect(n).toMatchObject({ fault: 'power failure', power_state: null, power_failures: 3 })
    expect(n.maintenance_reason).toBe('Its power state could not be read 3 times in a row; its owner finds the reason in last_error.')
    expect(n.last_error).toMatch(/Nobody answers\.$/)
    machine.fault = undefined
    expect(await r.until(uuid, n => !n.maintenance)).toMatchObject({ fault: null, maintenance_reason: null, power_state: 'power off' })
  })
})
