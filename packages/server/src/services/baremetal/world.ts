import type { Database } from '../../kit/db/transaction.ts'
import type { Engine } from '../../kit/resource/engine.ts'
import type { Kit } from '../../kit/service.ts'
import type { Config } from './config.ts'
import type { Enabled } from './drivers.ts'
import type { Needs } from './needs.ts'

/** What the service's parts share. */
export interface World {
  readonly kit: Kit
  readonly database: Database
  readonly config: Config
  readonly drivers: Enabled
  /** This process, as a conductor is named. */
  readonly host: string
  /** What others are asked. */
  readonly others: Omit<Needs, 'drivers'>
}

export interface Engines {
  readonly node: Engine
  readonly port: Engine
  readonly portgroup: Engine
  readonly chassis: Engine
  readonly connector: Engine
  readonly target: Engine
  readonly template: Engine
  readonly runbook: Engine
  readonly rule: Engine
  readonly allocation: Engine
}
