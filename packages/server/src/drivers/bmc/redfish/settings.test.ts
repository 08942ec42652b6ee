import { describe, expect, it } from 'vitest'
import { BmcError } from '../driver.ts'
import { parseSettings } from './settings.ts'

const parse = (more: object) => parseSettings({ redfish_address: 'bmc.example', ...more })

describe('redfish settings', () => {
  it('reads addresses as Ironic does', () => {
    for (const [address, origin, root] of [
      ['10.0.0.5', 'https://10.0.0.5', '/redfish/v1/'],
      ['http://10.0.0.5', 'http://10.0.0.5', '/redfish/v1/'],
      ['bmc.example:8443', 'https://bmc.example:8443', '/redfish/v1/'],
      ['https://bmc.example/', 'https://bmc.example', '/redfish/v1/'],
      ['https://bmc.example/proxy/7/redfish/v1', 'https://bmc.example', '/proxy/7/redfish/v1/'],
      ['https://[fd00::5]:8443', 'https://[fd00::5]:8443', '/redfish/v1/'],
      ['fd00::5', 'https://[fd00::5]', '/redfish/v1/'],
    ] as const)
      expect(parse({ redfish_address: address })).toMatchObject({ origin, root })
  })

  it('names what is wrong', () => {
    const cert = '-----BEGIN CERTIFICATE-----\nMII'
    for (const [key, value] of [
      ['redfish_address', ''],
      ['redfish_address', undefined],
      ['redfish_address', 7],
      ['redfish_address', 'ftp://bmc.example'],
      ['redfish_address', 'https://'],
      ['redfish_address', 'https://admin:secret@bmc.example'],
      ['redfish_address', 'https://bmc.example?x=1'],
      ['redfish_system_id', '/redfish/v1/Systems/../Managers/1'],
      ['redfish_system_id', '/redfish/v1/Systems/1 HTTP/1.1\r\nX: y'],
      ['redfish_system_id', 1],
      ['redfish_username', 'a:b'],
      ['redfish_password', 5],
      ['redfish_auth_type', 'kerberos'],
      ['redfish_tls', 'old'],
      ['redfish_verify_ca', 5],
      ['redfish_verify_ca', 'perhaps'],
      ['redfish_verify_ca', '/no/such/file'],
      ['redfish_verify_ca', 'sha256:12'],
      ['redfish_verify_ca', cert],
    ] as const) {
      const check = () => parse({ redfish_username: 'admin', redfish_password: 'secret', [key]: value })
      expect(check, `${key}=${value}`).toThrow(BmcError)
      expect(check).toThrow(key)
      expect(check).not.toThrow('secret')
    }
  })

  it('reads whom to trust', () => {
    const sha256 = 'ab'.repeat(32)
    for (const [value, trust] of [
      [undefined, { by: 'system' }],
      ['True', { by: 'system' }],
      ['no', { by: 'nothing' }],
      [false, { by: 'nothing' }],
      ['/etc', { by: 'path', path: '/etc' }],
      [`SHA256:${sha256.toUpperCase().match(/../g)!.join(':')}`, { by: 'fingerprint', sha256 }],
    ] as const)
      expect(parse({ redfish_verify_ca: value }).trust).toEqual(trust)
  })

  it('shares a link among machines of one BMC, and among no accounts', () => {
    const key = (more: object) => parse({ redfish_username: 'a', redfish_password: 'b', ...more }).key
    expect(key({ redfish_system_id: '/redfish/v1/Systems/1' })).toBe(key({ redfish_system_id: '/redfish/v1/Systems/2' }))
    const others = [
      { redfish_password: 'c' },
      { redfish_username: 'd' },
      { redfish_verify_ca: false },
      { redfish_tls: 'legacy' },
      { redfish_auth_type: 'basic' },
    ]
    expect(new Set([{}, ...others].map(key)).size).toBe(6)
    expect(key({})).not.toContain('b"')
  })

  it('takes a password only with a name', () => {
    expect(() => parse({ redfish_password: 'secret' })).toThrow('redfish_username')
  })
})
