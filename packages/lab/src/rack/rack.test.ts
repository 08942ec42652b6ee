import { describe, expect, test } from 'vitest'
import { rackConfig } from './config.ts'
import { generate } from './generate.ts'

describe('rack', () => {
  test('without configuration there are dell1 to dell5', () => {
    const rack = generate(rackConfig(undefined), 'x')
    expect(rack.map(m => m.name)).toEqual(['dell1', 'dell2', 'dell3', 'dell4', 'dell5'])
    expect(rack.map(m => m.host)).toEqual(['127.1.0.1', '127.1.0.2', '127.1.0.3', '127.1.0.4', '127.1.0.5'])
    expect(rack.map(m => m.cores)).toEqual([8, 16, 32, 48, 64])
    expect(rack[0]!.nics).toMatchObject([
      { switch: 'leaf1', port: 'Ethernet1/1' },
      { switch: 'leaf1', port: 'Ethernet1/2' },
    ])
    expect(new Set(rack.map(m => m.password)).size).toBe(5)
  })

  test('ten thousand machines have an identity of their own', () => {
    const rack = generate(rackConfig({ count: 10_000 }), 'x')
    for (const key of ['name', 'host', 'uuid', 'serial'] as const) expect(new Set(rack.map(m => m[key])).size, key).toBe(10_000)
    const macs = rack.flatMap(m => m.nics.map(n => n.mac))
    expect(new Set(macs).size).toBe(20_000)
    expect(new Set(rack.flatMap(m => m.nics.map(n => `${n.switch} ${n.port}`))).size).toBe(20_000)
    expect(rack.at(-1)!.host).toBe('127.1.39.16')
  })

  test('they are the same each time', () => {
    const config = rackConfig({ count: 3 })
    expect(generate(config, 'x')).toEqual(generate(config, 'x'))
    expect(generate(config, 'y')[0]!.password).not.toBe(generate(config, 'x')[0]!.password)
  })

  test.each([
    [{ machine: [] }, /'machine' is not known/],
    [{ machines: [{ name: 'a b' }] }, /machines\[0\].name/],
    [{ machines: [{ name: 'a' }, { name: 'a' }] }, /two machines are called a/],
    [{ machines: [{ address: '10.0.0.1' }] }, /127.0.0.0\/8/],
    [{ machines: [{ address: '127.0.0.1' }] }, /outside 127.0.0.0\/24/],
    [{ machines: [{ flavour: 'cray' }] }, /no flavour 'cray'/],
    [{ machines: [{ nics: [{ mac: 'zz' }] }] }, /no MAC/],
    [{ machines: [{ disks: [{ kind: 'tape' }] }] }, /ssd, hdd or nvme/],
    [{ machines: [{ cores: 0 }] }, /cores/],
    [{ count: 1.5 }, /count/],
    [[], /mapping/],
  ])('refuses %j', (raw, why) => {
    expect(() => rackConfig(raw)).toThrow(why)
  })

  test('two machines with one address are refused', () => {
    const config = rackConfig({ machines: [{ address: '127.1.0.2' }, {}] })
    expect(() => generate(config, 'x')).toThrow(/two machines have the address 127.1.0.2/)
  })
})
