import { int, isObject, string, type Type, Unfit } from '@esi/api/types'

export interface LeasingConfig {
  /** What a request without a type means. */
  readonly defaultType: string
  /** Days of a lease that names no end. */
  readonly defaultDays: number
  /** Longest lease in days, for all but administrators. */
  readonly longestDays: number
  /** Leases that a project may have at once, those to come counted; none: as many as it likes. */
  readonly leasesPerProject: number | undefined
  /** How deep leases may lie in leases. */
  readonly subleaseDepth: number
  /** A folder of JSON files, each a thing of type `dummy_node`. */
  readonly dummyNodes: string | undefined
  /** The project that owns everything of type `test_node`; none: there are no such things. */
  readonly testNodeOwner: string | undefined
  /** What a console token is added to, as `wss://host/console`; none: there are no consoles. */
  readonly consoleUrl: string | undefined
  /** Seconds for which a console token is good if its request does not say. */
  readonly consoleSeconds: number
}

interface Setting {
  readonly to: keyof LeasingConfig
  readonly type: Type<string | number>
}

const settings: Readonly<Record<string, Setting>> = {
  default_resource_type: { to: 'defaultType', type: string(36, 1) },
  default_lease_time: { to: 'defaultDays', type: int(1, 36_500) },
  max_lease_time: { to: 'longestDays', type: int(1, 36_500) },
  max_leases_per_project: { to: 'leasesPerProject', type: int(0, 1_000_000) },
  max_sublease_depth: { to: 'subleaseDepth', type: int(0, 10) },
  dummy_node_dir: { to: 'dummyNodes', type: string(4096, 1) },
  test_node_owner: { to: 'testNodeOwner', type: string(255, 1) },
  console_url: { to: 'consoleUrl', type: string(2048, 1) },
  console_token_ttl: { to: 'consoleSeconds', type: int(1, 31_536_000) },
}

const defaults: LeasingConfig = {
  defaultType: 'ironic_node',
  defaultDays: 7,
  longestDays: 21,
  leasesPerProject: undefined,
  subleaseDepth: 1,
  dummyNodes: undefined,
  testNodeOwner: undefined,
  consoleUrl: undefined,
  consoleSeconds: 600,
}

/** The service's part of the configuration file; names as in the original's where it has them. */
export const config = (given: unknown): LeasingConfig => {
  const read = { ...defaults } as Record<keyof LeasingConfig, unknown>
  if (given === undefined || given === null) return read as unknown as LeasingConfig
  if (!isObject(given)) throw new Error('leasing must be an object of settings')
  for (const [name, value] of Object.entries(given)) {
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined
    if (!setting) throw new Error(`leasing.${name} is no setting; there are ${Object.keys(settings).join(', ')}`)
    try {
      read[setting.to] = setting.type.parse(value)
    } catch (e) {
      if (e instanceof Unfit) throw new Error(`leasing.${name} ${e.message}`)
      throw e
    }
  }
  return read as unknown as LeasingConfig
}
