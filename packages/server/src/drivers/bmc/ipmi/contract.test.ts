import { createSocket } from 'node:dgram'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { debian } from '../../../../../../tools/debian.ts'
import { bmcContract } from '../contract.ts'
import { ipmi } from '../ipmi.ts'
import { relay } from './test/relay.ts'
import { PACKAGES, simulate } from './test/simulator.ts'

const { ready, why } = debian(...PACKAGES)

if (!ready) it.skip(`the simulator of OpenIPMI: ${why}`)
else
  bmcContract('ipmi on the simulator of OpenIPMI', async () => {
    // The machine at the end of its serial line gives back what is typed.
    const echo = createServer(socket => void socket.on('error', () => undefined).pipe(socket))
    await new Promise<void>(resolve => void echo.listen(0, '127.0.0.1', resolve))
    const simulator = await simulate({ console: (echo.address() as AddressInfo).port })
    const between = await relay(simulator.port)
    const settings = {
      ipmi_address: '127.0.0.1',
      ipmi_port: between.port,
      ipmi_username: simulator.username,
      ipmi_password: simulator.password,
    }
    const driver = ipmi({ wait: async () => undefined, limits: { rest: 0, lockout: 0 } })
    return {
      // It refuses the diagnostic interrupt, which the transcripts have.
      driver: { ...driver, can: driver.can.filter(what => what !== 'nmi') },
      settings,
      settle: 30_000,
      // It names its own port for the console, so nobody can stand between.
      console: { ...settings, ipmi_port: simulator.port },
      truth: async () => ({ power: simulator.power(), boot: simulator.boot() }),
      press: async power => simulator.press(power),
      wrong: [
        { what: 'password', settings: { ...settings, ipmi_password: 'battery-staple' }, fault: 'credentials' },
        { what: 'user', settings: { ...settings, ipmi_username: 'nobody' }, fault: 'credentials' },
        { what: 'cipher suite', settings: { ...settings, ipmi_cipher_suite: 17 }, fault: 'settings' },
        { what: 'port', settings: { ...settings, ipmi_port: 1 }, fault: 'unreachable' },
        { what: 'name', settings: { ...settings, ipmi_address: 'bmc.invalid' }, fault: 'unreachable' },
      ],
      faults: {
        dead: async () => {
          between.dead = true
          return async () => {
            between.dead = false
          }
        },
        loseReply: async () => {
          const before = simulator.power()
          let once = true
          between.lose = () => {
            if (!once || simulator.power() === before) return false
            once = false
            return true
          }
          return async () => {
            between.lose = () => false
          }
        },
      },
      without: ['virtual media', 'booting an image', 'bios', 'firmware', 'nmi', 'busy', 'garbled'],
      close: async () => {
        await between.stop()
        await simulator.stop()
        echo.close()
      },
    }
  })

it.skipIf(!ready)('reads what the simulator has, and leaves its records as they were', async () => {
  const simulator = await simulate({ serial: 'S-7' })
  try {
    const driver = ipmi()
    const bmc = driver.open({
      ipmi_address: simulator.host,
      ipmi_port: simulator.port,
      ipmi_username: 'admin',
      ipmi_password: simulator.password,
    })
    const call = { signal: new AbortController().signal, before: async () => expect.unreachable('a reading writes') }
    expect(await bmc.identify(call)).toEqual({
      vendor: 'Contoso',
      model: 'T2000',
      serial: 'S-7',
      uuid: 'efcdab89-6745-23a1-efcd-ab89674523a1',
      bmcVersion: '9.08',
      biosVersion: null,
      cpus: null,
      memoryMb: null,
      macs: [],
      bmcMacs: [],
    })
    expect(await bmc.sensors!(call)).toEqual([
      { name: 'CPU Temp', kind: 'temperature', value: 45, unit: '°C', health: 'ok' },
      { name: 'FAN,1', kind: 'fan', value: 5400, unit: 'rpm', health: 'ok' },
    ])
    const log = await bmc.eventLog!(10, call)
    expect(log.some(entry => entry.message.includes('Upper Critical going high') && entry.severity === 'critical')).toBe(true)
    expect(simulator.told().filter(line => line.includes(' set '))).toEqual([])
  } finally {
    await simulator.stop()
  }
})

it.skipIf(!ready)('is found by what needs no session, and not where nobody or something else answers', async () => {
  const simulator = await simulate()
  const { seek } = ipmi()
  const signal = new AbortController().signal
  const deaf = createSocket('udp4')
  const odd = createSocket('udp4').on('message', (_, from) => odd.send('hello, is it me you are looking for?', from.port, from.address))
  try {
    const sighting = await seek!.at(simulator.host, simulator.port, signal)
    expect(sighting).toMatchObject({ settings: { ipmi_address: simulator.host, ipmi_port: simulator.port }, certificate: null })
    const bmc = ipmi().open(seek!.as(sighting!.settings, simulator.username, simulator.password))
    expect(await bmc.power({ signal, before: async () => undefined })).toBe('off')
    expect(await seek!.at(simulator.host, 1, signal)).toBeNull()
    for (const socket of [deaf, odd]) {
      await new Promise<void>(resolve => void socket.bind(0, '127.0.0.1', resolve))
      expect(await seek!.at('127.0.0.1', socket.address().port, AbortSignal.timeout(300))).toBeNull()
    }
  } finally {
    deaf.close()
    odd.close()
    await simulator.stop()
  }
})
