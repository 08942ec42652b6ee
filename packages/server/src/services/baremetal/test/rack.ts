import { BmcError, type BmcIdentity, type Seek, type Settings } from '../../../drivers/bmc/driver.ts'
import { Pretend } from './pretend.ts'

export const IDENTITY: BmcIdentity = {
  vendor: 'Contoso',
  model: 'T1000',
  serial: 'S-1',
  uuid: '4c4c4544-0034-3510-8048-b4c04f4e3232',
  bmcVersion: '6.10',
  biosVersion: '2.4',
  cpus: 64,
  memoryMb: 262_144,
  macs: ['aa:bb:cc:00:00:01', 'aa:bb:cc:00:00:02'],
  bmcMacs: ['aa:bb:cc:00:00:02'],
}

/** Pretended BMCs at addresses, that can be looked for. */
export class Rack extends Pretend {
  readonly at = new Map<string, { identity?: Partial<BmcIdentity>; password?: string; certificate?: string; fault?: BmcError }>()
  readonly asked: string[] = []
  readonly tried: string[] = []
  readonly seek: Seek = {
    at: async host => {
      this.asked.push(host)
      const bmc = this.at.get(host)
      if (!bmc) return null
      const certificate = bmc.certificate ?? null
      return { settings: { address: host, ...(certificate ? { pinned: certificate } : {}) }, certificate, weak: certificate ? ['old'] : [] }
    },
    as: (settings, username, password) => ({ ...settings, username, password }),
  }
  override open(settings: Settings) {
    const bmc = this.at.get(settings['address'] as string)
    const inner = super.open({ ...settings, password: 'right' })
    if (!bmc) return inner
    return Object.assign(inner, {
      identify: async () => {
        this.tried.push(`${settings['address']} ${settings['username']}`)
        if (bmc.fault) throw bmc.fault
        if (settings['password'] !== (bmc.password ?? 'one')) throw new BmcError('credentials', 'It refuses the password.')
        return { ...IDENTITY, ...bmc.identity }
      },
    })
  }
}
