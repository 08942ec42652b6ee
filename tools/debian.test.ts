import { describe, expect, it, vi } from 'vitest'
import { clientEnvironment, type Machine, ready } from './debian.ts'

const machine = (installed: string[], more: Partial<Machine> = {}): Machine & { asked: string[][] } => {
  const asked: string[][] = []
  return {
    asked,
    root: true,
    apt: true,
    missing: packages => packages.filter(name => !installed.includes(name)),
    install(packages) {
      asked.push([...packages])
      installed.push(...packages.filter(name => !name.startsWith('no-')))
      return true
    },
    ...more,
  }
}

describe('packages of Debian', () => {
  it('that are there are ready, and nothing is installed', () => {
    const m = machine(['ipmitool'], { root: false })
    expect(ready(m, ['ipmitool'])).toEqual({ ready: true, why: '' })
    expect(m.asked).toEqual([])
  })
  it('that are missing are installed, those only', () => {
    const m = machine(['ipmitool'])
    expect(ready(m, ['ipmitool', 'redfishtool'])).toEqual({ ready: true, why: '' })
    expect(m.asked).toEqual([['redfishtool']])
  })
  it('are believed when they are there, not when the installer says so', () => {
    expect(ready(machine([]), ['no-such'])).toEqual({
      ready: false,
      why: 'no-such could not be installed; see why with: apt-get install -y --no-install-recommends no-such',
    })
    const refusing = machine([], { install: () => false, missing: vi.fn().mockReturnValueOnce(['a1']).mockReturnValueOnce([]) })
    expect(ready(refusing, ['a1']).ready).toBe(true)
  })
  it('are left to people who may install them', () => {
    expect(ready(machine([], { root: false }), ['redfishtool']).why).toBe(
      'needs redfishtool: sudo apt-get install -y --no-install-recommends redfishtool',
    )
    expect(ready(machine([], { apt: false }), ['redfishtool']).ready).toBe(false)
  })
  it('have names that are no options', () => {
    expect(() => ready(machine([]), ['-o=x'])).toThrow(/not a Debian package/)
  })
})

it('clients get no certificates, credentials or Python from the surroundings', () => {
  vi.stubEnv('REQUESTS_CA_BUNDLE', '/x')
  vi.stubEnv('CURL_CA_BUNDLE', '/x')
  vi.stubEnv('OS_PASSWORD', 'x')
  vi.stubEnv('PYTHONPATH', '/x')
  const env = clientEnvironment({ OS_CLOUD: 'esi' })
  expect(Object.keys(env).filter(name => /CA_BUNDLE|PYTHON|^OS_/.test(name))).toEqual(['OS_CLOUD'])
  expect(env['PATH']).toMatch(/^\/usr\/sbin:\/usr\/bin:/)
  vi.unstubAllEnvs()
})
