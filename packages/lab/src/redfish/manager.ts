import type { Flavour } from '../flavours/flavour.ts'
import type { Machine } from '../machine/machine.ts'
import { refuse } from './message.ts'
import { oneOf, readAction, readPatch } from './patch.ts'
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
    ...(f.mediaBoot === 'attributes' ? [attributes(f)] : []),
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
    Links: {
      ManagerForServers: [link(systemPath(f))],
      ManagerForChassis: [link(chassisPath(f))],
      ...(f.mediaBoot === 'attributes' ? { Oem: { Dell: { DellAttributes: [link(attributesPath(f))] } } } : {}),
    },
    Actions: {
      '#Manager.Reset': {
        target: `${path}/Actions/Manager.Reset`,
        'ResetType@Redfish.AllowableValues': ['GracefulRestart', 'ForceRestart'],
      },
    },
  })
}

const attributesPath = (f: Flavour) => `${managerPath(f)}/Oem/Dell/DellAttributes/${f.ids.manager}`

/** What is booted first, as this BMC keeps it among its own settings. */
function attributes(f: Flavour): Route {
  const path = attributesPath(f)
  const all = (machine: Machine) => {
    const { device, once } = machine.state.boot.first ?? { device: 'Normal', once: true }
    return resource(path, 'DellAttributes.v1_0_0.DellAttributes', f.ids.manager, 'OEM Attributes', {
      Attributes: { 'ServerBoot.1.FirstBootDevice': device, 'ServerBoot.1.BootOnce': once ? 'Enabled' : 'Disabled' },
    })
  }
  return {
    path,
    GET: ({ machine }) => ok(all(machine)),
    PATCH: ({ machine, body }) => {
      const changes = readPatch(body, all(machine), {
        'Attributes/ServerBoot.1.FirstBootDevice': oneOf(['Normal', 'PXE', 'HDD', 'BIOS', 'VCD-DVD', 'vFDD']),
        'Attributes/ServerBoot.1.BootOnce': oneOf(['Enabled', 'Disabled']),
      })
      const { device, once } = machine.state.boot.first ?? { device: 'Normal', once: true }
      const [first, asked] = ['FirstBootDevice', 'BootOnce'].map(name => changes.get(`Attributes/ServerBoot.1.${name}`))
      machine.state.boot.first = { device: (first as string | undefined) ?? device, once: asked === undefined ? once : asked === 'Enabled' }
      machine.note('OK', `The first boot device is ${machine.state.boot.first.device}.`)
      machine.saved()
      return ok(all(machine))
    },
  }
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
