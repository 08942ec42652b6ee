import type { Flavour } from '../flavours/flavour.ts'
import type { Machine } from '../machine/machine.ts'
import { refuse } from './message.ts'
import { isText, oneOf, readPatch } from './patch.ts'
import { collection, type Json, link, ok, type Route, resource } from './route.ts'
import { readings } from './sensors.ts'
import { chassisPath, managerPath, systemPath } from './system.ts'

const V1 = '/redfish/v1'
const FINE = { State: 'Enabled', Health: 'OK' }

/** The box: identity, temperatures, fans, power supplies, sensors. */
export function chassisRoutes(f: Flavour): Route[] {
  const path = chassisPath(f)
  return [
    { path: `${V1}/Chassis`, GET: () => ok(collection(`${V1}/Chassis`, 'ChassisCollection', 'Chassis', [path])) },
    {
      path,
      writes: 'operator',
      GET: ({ machine }) => ok(shown(machine)),
      PATCH: ({ machine, body }) => {
        const led = f.indicator === 'IndicatorLED' ? { IndicatorLED: oneOf(['Off', 'Lit', 'Blinking']) } : {}
        const changes = readPatch(body, shown(machine), { AssetTag: isText, ...led })
        if (changes.has('AssetTag')) machine.state.assetTag = changes.get('AssetTag') as string
        if (changes.has('IndicatorLED')) machine.state.led = changes.get('IndicatorLED') as 'Off' | 'Lit' | 'Blinking'
        machine.saved()
        return ok(shown(machine))
      },
    },
    { path: `${path}/Thermal`, GET: ({ machine }) => ok(thermal(machine, path)) },
    { path: `${path}/Power`, GET: ({ machine }) => ok(power(machine, path)) },
    ...(f.sensors ? sensorRoutes(path) : []),
  ]
}

function shown(machine: Machine): Json {
  const { flavour: f, spec, state } = machine
  const path = chassisPath(f)
  return resource(path, 'Chassis.v1_17_0.Chassis', f.ids.chassis, 'Chassis', {
    ChassisType: 'RackMount',
    Manufacturer: f.vendor,
    Model: f.model,
    SerialNumber: spec.serial,
    SKU: spec.serial,
    AssetTag: state.assetTag,
    PowerState: state.power,
    ...(f.indicator === 'IndicatorLED' ? { IndicatorLED: state.led } : {}),
    Status: FINE,
    Thermal: link(`${path}/Thermal`),
    Power: link(`${path}/Power`),
    ...(f.sensors ? { Sensors: link(`${path}/Sensors`) } : {}),
    Links: { ComputerSystems: [link(systemPath(f))], ManagedBy: [link(managerPath(f))] },
  })
}

function thermal(machine: Machine, path: string): Json {
  const all = readings(machine)
  const at = `${path}/Thermal`
  return resource(at, 'Thermal.v1_7_0.Thermal', 'Thermal', 'Thermal', {
    Temperatures: all
      .filter(r => r.kind === 'Temperature')
      .map((r, i) => ({
        '@odata.id': `${at}#/Temperatures/${i}`,
        MemberId: String(i),
        Name: r.name,
        SensorNumber: i + 1,
        ReadingCelsius: r.value,
        UpperThresholdCritical: r.high,
        PhysicalContext: r.id === 'InletTemp' ? 'Intake' : 'CPU',
        Status: FINE,
      })),
    Fans: all
      .filter(r => r.kind === 'Rotational')
      .map((r, i) => ({
        '@odata.id': `${at}#/Fans/${i}`,
        MemberId: String(i),
        Name: r.name,
        FanName: r.name,
        Reading: r.value,
        ReadingUnits: 'RPM',
        PhysicalContext: 'SystemBoard',
        Status: FINE,
      })),
  })
}

function power(machine: Machine, path: string): Json {
  const all = readings(machine)
  const watts = all.find(r => r.kind === 'Power')!.value
  const at = `${path}/Power`
  return resource(at, 'Power.v1_7_0.Power', 'Power', 'Power', {
    PowerControl: [
      {
        '@odata.id': `${at}#/PowerControl/0`,
        MemberId: '0',
        Name: 'System Power Control',
        PowerConsumedWatts: watts,
        PowerCapacityWatts: 750,
        Status: FINE,
      },
    ],
    Voltages: all
      .filter(r => r.kind === 'Voltage')
      .map((r, i) => ({
        '@odata.id': `${at}#/Voltages/${i}`,
        MemberId: String(i),
        Name: r.name,
        ReadingVolts: r.value,
        UpperThresholdCritical: r.high,
        Status: FINE,
      })),
    PowerSupplies: [0, 1].map(i => ({
      '@odata.id': `${at}#/PowerSupplies/${i}`,
      MemberId: String(i),
      Name: `PSU ${i + 1}`,
      PowerSupplyType: 'AC',
      LineInputVoltage: 230,
      PowerCapacityWatts: 750,
      LastPowerOutputWatts: Math.round(watts / 2),
      Status: FINE,
    })),
  })
}

function sensorRoutes(path: string): Route[] {
  const at = `${path}/Sensors`
  return [
    {
      path: at,
      GET: ({ machine }) =>
        ok(
          collection(
            at,
            'SensorCollection',
            'Sensors',
            readings(machine).map(r => `${at}/${r.id}`),
          ),
        ),
    },
    {
      path: `${at}/:id`,
      GET: ({ machine, params, path: asked }) => {
        const r = readings(machine).find(s => s.id === params['id'])
        if (!r) throw refuse('ResourceMissingAtURI', [asked])
        return ok(
          resource(asked, 'Sensor.v1_4_0.Sensor', r.id, r.name, {
            ReadingType: r.kind,
            Reading: r.value,
            ReadingUnits: r.unit,
            Thresholds: { UpperCritical: { Reading: r.high } },
            Status: FINE,
          }),
        )
      },
    },
  ]
}
