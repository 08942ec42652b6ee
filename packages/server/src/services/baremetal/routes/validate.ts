import { validate } from '@esi/api/baremetal/node-routes'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { KINDS, type Kind } from '../interfaces.ts'
import type { World } from '../world.ts'
import { look } from './act.ts'

type Verdict = { readonly result: true } | { readonly result: false; readonly reason: string }

/** Kinds that no part of this installation does, whatever interface a node names. */
const ABSENT: Partial<Record<Kind, string>> = {
  bios: 'BIOS settings',
  boot: 'booting over the network',
  console: 'consoles',
  deploy: 'deployment',
  firmware: 'firmware updates',
  inspect: 'inspection',
  raid: 'RAID',
  rescue: 'rescue',
  vendor: 'vendor calls',
}

/** Kinds that the BMC does by itself. */
const DONE = new Set<Kind>(['bios', 'console', 'firmware', 'raid'])

/**
 * What a node's interfaces would do. The settings are checked by the driver, which reaches for no hardware; what is not there at
 * all is said to be so.
 */
export const validateRoutes = (world: World, nodes: Engine): Route[] => [
  look(nodes, validate, async row => {
    const settings = checked(world, row)
    const verdict = (kind: Kind): Verdict => {
      if (kind === 'power' || kind === 'management') return settings
      const named = row[`${kind}_interface`] as string | null
      if (named === 'fake' || (kind === 'inspect' && named?.endsWith('redfish'))) return settings
      if (DONE.has(kind) && named !== null && !named.startsWith('no-') && named !== 'agent') return settings
      if (kind === 'network' || kind === 'storage')
        return named === 'noop' ? { result: true } : no(`there is no ${kind} service here for the interface ${named}`)
      if (named?.startsWith('no-')) return no(`the node's ${kind} interface is ${named}, with which it has none`)
      return no(`${ABSENT[kind]} ${ABSENT[kind]!.endsWith('s') ? 'are' : 'is'} not available on this installation yet`)
    }
    return { status: 200, body: Object.fromEntries(KINDS.map(kind => [kind, verdict(kind)])) }
  }),
]

const no = (reason: string): Verdict => ({ result: false, reason })

const checked = (world: World, row: Readonly<Item>): Verdict => {
  try {
    const { driver, settings } = world.drivers.of(row)
    driver.check(settings)
    return { result: true }
  } catch (e) {
    if (e instanceof BmcError) return no(e.message)
    throw e
  }
}
