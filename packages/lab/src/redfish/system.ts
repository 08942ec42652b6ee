import type { Flavour } from '../flavours/flavour.ts'
import type { Machine, PowerShown } from '../machine/machine.ts'
import { readBoot, shownBoot, writableBoot } from './boot.ts'
import { message, Refusal, refuse } from './message.ts'
import { isFlag, isText, oneOf, readAction, readPatch } from './patch.ts'
import { type Ask, actionOf, collection, infoRoutes, type Json, link, nothing, ok, type Reply, type Route, resource } from './route.ts'
import { taskAnswer } from './task-routes.ts'

const V1 = '/redfish/v1'

export const systemPath = (f: Flavour) => `${V1}/Systems/${f.ids.system}`
export const chassisPath = (f: Flavour) => `${V1}/Chassis/${f.ids.chassis}`
export const managerPath = (f: Flavour) => `${V1}/Managers/${f.ids.manager}`

/** The computer system: power, boot, identity. */
export function systemRoutes(f: Flavour): Route[] {
  const path = systemPath(f)
  return [
    { path: `${V1}/Systems`, GET: () => ok(collection(`${V1}/Systems`, 'ComputerSystemCollection', 'Computer Systems', [path])) },
    {
      path,
      writes: 'operator',
      GET: ask => ok(shown(ask.machine, ask.struck('power-opposite'), ask.bmc.site.sshPort)),
      PATCH: ask => patch(ask),
    },
    ...infoRoutes(f, `${path}/ResetActionInfo`, 'ResetActionInfo', { ResetType: f.resetTypes }),
    { path: `${path}/Actions/ComputerSystem.Reset`, writes: 'operator', POST: ask => reset(ask) },
    ...(f.bootOrder === 'writable'
      ? [
          {
            path: `${path}/Actions/ComputerSystem.SetDefaultBootOrder`,
            writes: 'operator' as const,
            POST: ({ machine, body }: Ask) => {
              readAction('ComputerSystem.SetDefaultBootOrder', body, {})
              machine.state.boot.order = machine.factoryOrder
              machine.note('OK', 'The boot order was set to its default.')
              machine.saved()
              return nothing
            },
          },
        ]
      : []),
  ]
}

function shown(machine: Machine, opposite: boolean, ssh: number | null): Json {
  const { flavour: f, spec, state } = machine
  const path = systemPath(f)
  const power = opposite ? OPPOSITE[machine.powerShown] : machine.powerShown
  const health = state.bricked ? 'Critical' : 'OK'
  return resource(path, 'ComputerSystem.v1_16_0.ComputerSystem', f.ids.system, 'System', {
    SystemType: 'Physical',
    Manufacturer: f.vendor,
    Model: f.model,
    SerialNumber: spec.serial,
    SKU: spec.serial,
    PartNumber: `LAB-${f.name}`,
    AssetTag: state.assetTag,
    UUID: spec.uuid,
    HostName: machine.runs !== null && machine.runs !== 'setup' ? spec.name : '',
    BiosVersion: state.firmware.bios,
    PowerState: power,
    Status: { State: power === 'On' ? 'Enabled' : 'StandbyOffline', Health: health, HealthRollup: health },
    ...(f.indicator === 'IndicatorLED' ? { IndicatorLED: state.led } : {}),
    ...(f.indicator === 'LocationIndicatorActive' ? { LocationIndicatorActive: state.led !== 'Off' } : {}),
    Boot: shownBoot(machine),
    BootProgress: { LastState: machine.progress },
    ProcessorSummary: {
      Count: spec.cores > 32 ? 2 : 1,
      LogicalProcessorCount: spec.cores * 2,
      CoreCount: spec.cores,
      Model: 'Lab CPU',
      Status: { State: 'Enabled', Health: 'OK', HealthRollup: 'OK' },
    },
    MemorySummary: { TotalSystemMemoryGiB: spec.memoryMb / 1024, Status: { State: 'Enabled', Health: 'OK', HealthRollup: 'OK' } },
    Processors: link(`${path}/Processors`),
    Memory: link(`${path}/Memory`),
    EthernetInterfaces: link(`${path}/EthernetInterfaces`),
    Storage: link(`${path}/Storage`),
    SimpleStorage: link(`${path}/SimpleStorage`),
    ...(f.serial.told === 'system' && ssh !== null
      ? {
          SerialConsole: {
            MaxConcurrentSessions: 1,
            SSH: { ServiceEnabled: true, Port: ssh, SharedWithManagerCLI: true, ConsoleEntryCommand: f.serial.command },
          },
        }
      : {}),
    Bios: link(`${path}/Bios`),
    ...(f.secureBoot ? { SecureBoot: link(`${path}/SecureBoot`) } : {}),
    ...(f.log.under === 'system' ? { LogServices: link(`${path}/LogServices`) } : {}),
    Links: { Chassis: [link(chassisPath(f))], ManagedBy: [link(managerPath(f))] },
    Actions: {
      '#ComputerSystem.Reset': actionOf(f, `${path}/Actions/ComputerSystem.Reset`, `${path}/ResetActionInfo`, { ResetType: f.resetTypes }),
      ...(f.bootOrder === 'writable'
        ? { '#ComputerSystem.SetDefaultBootOrder': { target: `${path}/Actions/ComputerSystem.SetDefaultBootOrder` } }
        : {}),
    },
  })
}

const OPPOSITE: Readonly<Record<PowerShown, PowerShown>> = { On: 'Off', Off: 'On', PoweringOn: 'PoweringOff', PoweringOff: 'PoweringOn' }

function patch(ask: Ask): Reply {
  const { machine, flavour: f, body } = ask
  const changes = readPatch(body, shown(machine, false, ask.bmc.site.sshPort), {
    AssetTag: isText,
    ...(f.indicator === 'IndicatorLED' ? { IndicatorLED: oneOf(['Off', 'Lit', 'Blinking']) } : {}),
    ...(f.indicator === 'LocationIndicatorActive' ? { LocationIndicatorActive: isFlag } : {}),
    ...writableBoot(machine),
  })
  const boot = readBoot(machine, changes)
  const { state } = machine
  if (changes.has('AssetTag')) state.assetTag = changes.get('AssetTag') as string
  if (changes.has('IndicatorLED')) state.led = changes.get('IndicatorLED') as typeof state.led
  if (changes.has('LocationIndicatorActive')) state.led = changes.get('LocationIndicatorActive') ? 'Blinking' : 'Off'
  if (boot && !ask.struck('boot-ignored')) {
    state.boot = boot
    const mode = f.biosBootMode
    if (mode && changes.has('Boot/BootSourceOverrideMode')) state.bios[mode.attribute] = boot.mode === 'UEFI' ? mode.uefi : mode.legacy
    machine.note('OK', `The boot override was set to ${boot.target} (${boot.enabled}).`)
  }
  machine.saved()
  return ok(shown(machine, false, ask.bmc.site.sshPort))
}

function reset(ask: Ask): Reply {
  const { machine, flavour: f } = ask
  const { ResetType: type = 'On' } = readAction('ComputerSystem.Reset', ask.body, { ResetType: oneOf(f.resetTypes) })
  const before = machine.powerShown
  if (!ask.struck('power-ignored')) {
    const did = machine.reset(type as string)
    if (!did && f.redundantReset !== 'accept')
      throw new Refusal(f.redundantReset, [
        message('ActionParameterNotSupported', [`ResetType ${type} while ${before}`, 'ComputerSystem.Reset']),
      ])
  }
  switch (f.resetAnswer) {
    case 'nothing':
      return nothing
    case 'message':
      return ok({ error: { code: 'Base.1.8.Success', message: 'See ExtendedInfo.', '@Message.ExtendedInfo': [message('Success')] } })
    case 'task':
      return taskAnswer(ask, `Reset ${type}`, 1000)
    default:
      throw refuse('GeneralError')
  }
}
