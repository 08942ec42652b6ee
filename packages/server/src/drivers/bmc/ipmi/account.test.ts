import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { debian } from '../../../../../../tools/debian.ts'
import { ipmi } from '../ipmi.ts'
import { PACKAGES, simulate } from './test/simulator.ts'

const { ready, why } = debian(...PACKAGES)
const call = { signal: new AbortController().signal, before: async () => undefined }

/** All command lines of this moment. */
const commandLines = (): string =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
    .join('\n')

if (!ready) it.skip(`the simulator of OpenIPMI: ${why}`)
else
  it('changes the password on the simulator of OpenIPMI; none stands on a command line', async () => {
    const simulator = await simulate()
    try {
      const settings = {
        ipmi_address: simulator.host,
        ipmi_port: simulator.port,
        ipmi_username: simulator.username,
        ipmi_password: simulator.password,
      }
      const driver = ipmi({ limits: { lockout: 0 } })
      const next = 'aB3-aB3-aB3-aB3-'
      const hex = [...Buffer.from(next)].map(byte => `0x${byte.toString(16)}`).join(' ')
      const seen: string[] = []
      const watch = setInterval(() => seen.push(commandLines()), 5)
      await driver.open(settings).setPassword!(next, call)
      clearInterval(watch)
      // The session begins and ends meanwhile, so ipmitool was seen at its work.
      expect(seen.some(lines => lines.includes('exec /dev/stdin'))).toBe(true)
      for (const lines of seen) {
        expect(lines).not.toContain(next)
        expect(lines).not.toContain(hex)
      }
      await expect(driver.open(settings).power(call)).rejects.toMatchObject({ fault: 'credentials' })
      expect(await driver.open({ ...settings, ipmi_password: next }).power(call)).toBe('off')
      await expect(driver.open({ ...settings, ipmi_password: next }).setPassword!('x'.repeat(21), call)).rejects.toMatchObject({
        fault: 'settings',
      })
    } finally {
      await simulator.stop()
    }
  }, 60_000)
