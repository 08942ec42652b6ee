import { hostname } from 'node:os'
import { dialect } from '@esi/api/baremetal/dialect'
import { type Running, service } from '../../kit/service.ts'
import { conductorsOf } from './conductors/all.ts'
import { type Config, config } from './config.ts'
import { Consoles } from './console/consoles.ts'
import { consoleSockets } from './console/tokens.ts'
import { differences } from './differences.ts'
import { type NodeDoor, nodeDoor } from './door.ts'
import { Enabled } from './drivers.ts'
import { measures } from './measures.ts'
import type { Needs } from './needs.ts'
import { meant } from './paths.ts'
import { policies } from './policies.ts'
import { presence } from './presence.ts'
import { allocationEngine } from './resources/allocation.ts'
import { chassisEngine } from './resources/chassis.ts'
import { nodeEngine } from './resources/node.ts'
import { portEngine } from './resources/port.ts'
import { portgroupEngine } from './resources/portgroup.ts'
import { retiredEngine } from './resources/retired-node.ts'
import { ruleEngine, runbookEngine, templateEngine } from './resources/templates.ts'
import { connectorEngine, targetEngine } from './resources/volume.ts'
import { judged } from './routes/act.ts'
import { agentRoutes } from './routes/agent.ts'
import { allocationRoutes } from './routes/allocations.ts'
import { passwordRoutes } from './routes/bmc-password.ts'
import { conductorRoutes } from './routes/conductors.ts'
import { consoleRoutes } from './routes/console.ts'
import { discoveryRoutes } from './routes/discovery.ts'
import { documentRoutes } from './routes/documents.ts'
import { driverRoutes } from './routes/drivers.ts'
import { foundRoutes } from './routes/found.ts'
import { hardwareRoutes } from './routes/hardware.ts'
import { historyRoutes } from './routes/history.ts'
import { listRoutes } from './routes/lists.ts'
import { maintenanceRoutes } from './routes/maintenance.ts'
import { provisionRoutes } from './routes/provision.ts'
import { raidRoutes } from './routes/raid.ts'
import { releaseRoutes } from './routes/release.ts'
import { replacementRoutes } from './routes/replacement.ts'
import { retirementRoutes } from './routes/retirement.ts'
import { runbookRoutes } from './routes/runbooks.ts'
import { stateRoutes } from './routes/states.ts'
import { traitRoutes } from './routes/traits.ts'
import { transferRoutes } from './routes/transfer.ts'
import { validateRoutes } from './routes/validate.ts'
import { vendorRoutes } from './routes/vendor.ts'
import { vifRoutes } from './routes/vifs.ts'
import { volumeRoutes } from './routes/volumes.ts'
import { Hardware } from './waiting.ts'
import type { Engines, World } from './world.ts'

export type { NodeFacts } from './door.ts'

/** What seams may call. */
export type Door = NodeDoor

/** Bare metal machines: enrolled, shared by several tenants, switched and provisioned. Speaks Ironic's API, version 1. */
export const baremetal = service<Config, Needs, Door>({
  name: 'baremetal',
  prefix: '/baremetal',
  title: 'Bare metal',
  dialect,
  catalog: [{ type: 'baremetal', name: 'ironic', path: '/baremetal' }],
  policies,
  migrations: new URL('./store/migrations/', import.meta.url),
  sealed: [
    { table: 'baremetal.node', key: 'uuid', column: 'driver_secrets' },
    { table: 'baremetal.volume_target', key: 'uuid', column: 'secrets' },
    { table: 'baremetal.discovery', key: 'uuid', column: 'secrets' },
    { table: 'baremetal.bmc_password', key: 'node', column: 'secrets' },
  ],
  needs: { drivers: 'required', bookings: 'late', projects: 'optional' },
  meant,
  config,
  start(kit, config, needs): Running<Door> {
    const drivers = new Enabled(kit.secrets)
    const world: World = { kit, database: kit.database, config, drivers, host: config.host ?? hostname(), others: needs }
    const node = nodeEngine(world)
    const engines: Engines = {
      node,
      port: portEngine(world, node),
      portgroup: portgroupEngine(world, node),
      chassis: chassisEngine(world),
      connector: connectorEngine(world, node),
      target: targetEngine(world, node),
      template: templateEngine(world),
      runbook: runbookEngine(world),
      rule: ruleEngine(world),
      allocation: allocationEngine(world),
    }
    const provision = provisionRoutes(world, node, engines.runbook)
    const hardware = new Hardware(world)
    const consoles = new Consoles(world)
    const there = presence(world)
    return {
      routes: [
        ...documentRoutes(),
        ...listRoutes(world, engines),
        ...stateRoutes(world, node),
        ...provision,
        ...discoveryRoutes(world, engines, provision),
        ...raidRoutes(world, node),
        ...maintenanceRoutes(world, node),
        ...releaseRoutes(world, node),
        ...passwordRoutes(world, node),
        ...transferRoutes(world, node),
        ...retirementRoutes(world, node),
        ...replacementRoutes(world, node),
        ...retiredEngine(world).routes,
        ...validateRoutes(world, node),
        ...hardwareRoutes(world, node, hardware),
        ...traitRoutes(world, node),
        ...vifRoutes(world, node),
        ...consoleRoutes(world, node),
        ...foundRoutes(world, node),
        ...historyRoutes(world, node),
        ...volumeRoutes(world, engines),
        ...engines.template.routes.map(judged),
        ...runbookRoutes(world, engines.runbook),
        ...engines.rule.routes.map(judged),
        ...allocationRoutes(world, node, engines.allocation),
        ...driverRoutes(world),
        ...vendorRoutes(world, node),
        ...agentRoutes(world),
        ...conductorRoutes(world),
      ],
      conductors: conductorsOf(world),
      sockets: consoleSockets(world, consoles),
      door: nodeDoor(world, consoles),
      async start() {
        await drivers.load(config.drivers, needs.drivers, kit.log)
        await there.start()
      },
      measures: () => measures(world),
      differences: () => differences(world),
      async stop() {
        await consoles.stop()
        await hardware.stop()
        await there.stop()
        await drivers.close()
      },
    }
  },
})
