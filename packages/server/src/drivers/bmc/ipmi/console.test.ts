import { readdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, it } from 'vitest'
import { debian } from '../../../../../../tools/debian.ts'
import { ipmi } from '../ipmi.ts'
import { PACKAGES, simulate } from './test/simulator.ts'

const { ready, why } = debian(...PACKAGES)
if (!ready) it.skip(`the simulator of OpenIPMI: ${why}`)

const says = async (stream: Duplex, words: string): Promise<void> => {
  let heard = ''
  for await (const part of stream.iterator({ destroyOnReturn: false })) {
    heard += part
    if (heard.includes(words)) return
  }
  throw new Error(`it said only ${JSON.stringify(heard)}`)
}

/** Command lines of all processes of ours that run ipmitool. */
const lines = (): string[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
    .filter(line => line.includes('ipmitool') && line.includes('sol activate'))

it.skipIf(!ready)(
  'lends the serial console by Serial over LAN to one at a time, and lets go of it',
  async () => {
    // A machine that prints what is typed.
    const sockets = new Set<Socket>()
    let typed = ''
    const machine = createServer(socket => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('data', part => {
        typed += part.toString('latin1')
        socket.write(part)
      })
    })
    await new Promise<void>(resolve => machine.listen(0, '127.0.0.1', resolve))
    const simulator = await simulate({ console: (machine.address() as AddressInfo).port })
    const driver = ipmi()
    const settings = {
      ipmi_address: simulator.host,
      ipmi_port: simulator.port,
      ipmi_username: simulator.username,
      ipmi_password: simulator.password,
      // The simulator has no newer one, and every run would ask for it first.
      ipmi_cipher_suite: 3,
    }
    let writes = 0
    const call = { signal: new AbortController().signal, before: async () => void writes++ }
    try {
      const bmc = driver.open(settings)
      const stream = await bmc.console!(call)
      expect(writes).toBe(1)
      stream.write('hello\r')
      await says(stream, 'hello')
      const mine = lines().filter(line => line.includes(`-p ${simulator.port}`))
      expect(mine).toHaveLength(1)
      expect(mine[0]).not.toContain(simulator.password)
      // What ipmitool takes for a command to itself elsewhere is only text here.
      stream.write('\r~.\r~?\rstill here\r')
      await says(stream, 'still here')
      expect(typed).toContain('~.')
      // The machine is switched meanwhile: the console takes no turn of the other commands.
      await bmc.setPower('on', call)
      expect(await bmc.power(call)).toBe('on')
      stream.destroy()
      await expect.poll(() => lines().filter(line => line.includes(`-p ${simulator.port}`)), { timeout: 20_000 }).toEqual([])
      await expect
        .poll(
          async () => {
            const again = await bmc.console!(call).catch(error => error)
            if (again instanceof Error) return again.message
            again.write('anew\r')
            await says(again, 'anew')
            again.destroy()
            return 'opened'
          },
          { timeout: 30_000 },
        )
        .toBe('opened')
      await expect(driver.open({ ...settings, ipmi_password: 'battery-staple' }).console!(call)).rejects.toMatchObject({
        fault: 'credentials',
      })
      await expect(
        driver.open({ ...settings, ipmi_protocol_version: '1.5', ipmi_cipher_suite: undefined }).console!(call),
      ).rejects.toMatchObject({
        fault: 'unsupported',
      })
    } finally {
      await driver.close!()
      await simulator.stop()
      for (const socket of sockets) socket.destroy()
      machine.close()
    }
  },
  90_000,
)
