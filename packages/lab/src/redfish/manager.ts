import type { Flavour } from '../flavours/flavour.ts'
import type { Machine } from '../machine/machine.ts'
import { refuse } from './message.ts'
import { oneOf, readAction } from './patch.ts'
import { collection, type Json, link, nothing, ok, type Route, resource } from './route.ts'
import { chassisPath, managerPath, systemPath } from './system.ts'

const V1 = '/redfish/v1'

/** The controller itself: its network, and how it is restarted. */
export function managerRoutes(f: Flavour): Route[] {
  const path = managerPath(f)
  return [
    { path: `${V1}/Managers`, GET: () => ok(collection(`${V1}/Managers`, 'ManagerCollection', 'Managers', [path])) },
    { path, GET: ({ bmc, machine }) => ok(shown(machine, bmc.site.sshPort !== null)) },
    {
      path: `${path}/Actions/Manager.Reset`,
      POST: ({ bmc, body }) => {
        readAction('Manager.Reset', body, { ResetType: oneOf(['GracefulRestart', 'ForceRestart']) })
        // The answer goes out first.
        bmc.machine.after(500, () => bmc.restart())
        return nothing
      },
    },
    {
      path: `${path}/EthernetInterfaces`,
      GET: () =>
        ok(
          collection(`${path}/EthernetInterfaces`, 'EthernetInterfaceCollection', 'Manager Interfaces', [
            `${path}/EthernetInterfaces/eth0`,
          ]),
        ),
    },
    { path: `${path}/EthernetInterfaces/:id`, GET: ({ machine, params, path: asked }) => ok(ethernet(machine, params['id']!, asked)) },
    { path: `${path}/NetworkProtocol`, GET: ({ bmc, machine }) => ok(protocols(machine, path, bmc.site.sshPort)) },
  ]
}

function shown(machine: Machine, ssh: boolean): Json {
  const { flavour: f, spec, state } = machine
  const path = managerPath(f)
  return resource(path, 'Manager.v1_13_0.Manager', f.ids.manager, 'Manager', {
    ManagerType: 'BMC',
    Manufacturer: f.vendor,
    Model: f.bmcModel,
    FirmwareVersion: state.firmware.bmc,
    UUID: `${spec.uuid.slice(0, -1)}${spec.uuid.endsWith('0') ? '1' : '0'}`,
    ServiceEntryPointUUID: spec.uuid,
    PowerState: 'On',
    Status: { State: 'Enabled', Health: 'OK' },
    GraphicalConsole: { ServiceEnabled: false, MaxConcurrentSessions: 0, ConnectTypesSupported: [] },
    SerialConsole:
      ssh && f.serial.told === 'manager'
        ? { ServiceEnabled: true, MaxConcurrentSessions: 1, ConnectTypesSupported: ['SSH'] }
        : { ServiceEnabled: false, MaxConcurrentSessions: 0, ConnectTypesSupported: [] },
    CommandShell: { ServiceEnabled: false, MaxConcurrentSessions: 0, ConnectTypesSupported: [] },
    EthernetInterfaces: link(`${path}/EthernetInterfaces`),
    NetworkProtocol: link(`${path}/NetworkProtocol`),
    VirtualMedia: link(`${path}/VirtualMedia`),
    ...(f.log.under === 'manager' ? { LogServices: link(`${path}/LogServices`) } : {}),
    Links: { ManagerForServers: [link(systemPath(f))], ManagerForChassis: [link(chassisPath(f))] },
    Actions: {
      '#Manager.Reset': {
        target: `${path}/Actions/Manager.Reset`,
        'ResetType@Redfish.AllowableValues': ['GracefulRestart', 'ForceRestart'],
      },
    },
  })
}

function ethernet({ spec }: Machine, id: string, path: string): Json {
  if (id !== 'eth0') throw refuse('ResourceMissingAtURI', [path])
  const parts = spec.host.split('.').map(p => Number(p).toString(16).padStart(2, '0'))
  return resource(path, 'EthernetInterface.v1_7_0.EthernetInterface', 'eth0', 'Manager Interface', {
    MACAddress: `02:b0:${parts.join(':')}`,
    PermanentMACAddress: `02:b0:${parts.join(':')}`,
    SpeedMbps: 1000,
    InterfaceEnabled: true,
    LinkStatus: 'LinkUp',
    HostName: `bmc-${spec.name}`,
    IPv4Addresses: [{ Address: spec.host, SubnetMask: '255.0.0.0', AddressOrigin: 'Static', Gateway: null }],
    Status: { State: 'Enabled', Health: 'OK' },
  })
}

function protocols({ spec }: Machine, path: string, ssh: number | null): Json {
  return resource(
    `${path}/NetworkProtocol`,
    'ManagerNetworkProtocol.v1_8_0.ManagerNetworkProtocol',
    'NetworkProtocol',
    'Network Protocol',
    {
      HostName: `bmc-${spec.name}`,
      HTTPS: { ProtocolEnabled: true, Port: 443 },
      HTTP: { ProtocolEnabled: false, Port: 80 },
      IPMI: { ProtocolEnabled: false, Port: 623 },
      SSH: { ProtocolEnabled: ssh !== null, Port: ssh ?? 22 },
      Status: { State: 'Enabled', Health: 'OK' },
    },
  )
}
