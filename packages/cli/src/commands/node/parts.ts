import type { Command, Given } from '../../command.ts'
import { chosenFields, fieldsOption, pairOf } from '../../crud-fields.ts'
import { structured } from '../../structured.ts'
import { present } from '../../values.ts'
import { calling } from '../baremetal/passthru.ts'
import { acting, listing, saving, showing } from './below.ts'

/** Commands for what is below a node, by their words: a table. `brief` is given by whoever lists them. */
type Make = (brief: string) => Command

const pairs = (texts: readonly string[], option: string): Record<string, unknown> =>
  Object.assign({}, ...texts.map(text => pairOf(text, option)))

const BIOS = {
  name: 'Name',
  value: 'Value',
  attribute_type: 'Attribute Type',
  allowable_values: 'Allowable Values',
  lower_bound: 'Lower Bound',
  min_length: 'Minimum Length',
  max_length: 'Maximum Length',
  read_only: 'Read Only',
  reset_required: 'Reset Required',
  unique: 'Unique',
  upper_bound: 'Upper Bound',
} as const

/** The two columns that a short list has are called otherwise there. */
const biosTitle = (given: Given, field: string): string =>
  given.has('long') || given.has('fields') ? BIOS[field as keyof typeof BIOS] : `BIOS setting ${field}`

const biosFields = (given: Given): readonly string[] =>
  chosenFields(given, Object.keys(BIOS)) ?? (given.has('long') ? Object.keys(BIOS) : ['name', 'value'])

const HISTORY = [
  ['UUID', 'uuid'],
  ['Created At', 'created_at'],
  ['Severity', 'severity'],
  ['Description of the event', 'event'],
] as const
const LONG_HISTORY = [
  ['UUID', 'uuid'],
  ['Created At', 'created_at'],
  ['Severity', 'severity'],
  ['Event Origin Type', 'event_type'],
  ['Description of the event', 'event'],
  ['Conductor', 'conductor'],
  ['User', 'user'],
  ['Project', 'project'],
  ['State', 'state'],
  ['Target Provision State', 'target_provision_state'],
  ['Duration (seconds)', 'duration_seconds'],
] as const

export const PARTS: Readonly<Record<string, Make>> = {
  'inject nmi': brief =>
    acting(
      { brief, several: true, doc: 'The operating system writes a dump or stops, as it is told to.' },
      'PUT',
      'management/inject_nmi',
      () => ({}),
    ),
  'boot mode set': brief =>
    acting({ brief, several: true, args: [{ name: 'mode', doc: 'uefi or bios' }] }, 'PUT', 'states/boot_mode', given => ({
      target: given.arg('mode'),
    })),
  'secure boot on': brief => acting({ brief, several: true }, 'PUT', 'states/secure_boot', () => ({ target: true })),
  'secure boot off': brief => acting({ brief, several: true }, 'PUT', 'states/secure_boot', () => ({ target: false })),
  'bios setting list': brief =>
    listing(
      { brief, options: { long: { doc: 'more columns: what each may be' }, fields: fieldsOption(Object.keys(BIOS)) } },
      'bios',
      'bios',
      given => biosFields(given).map(field => [biosTitle(given, field), field] as const),
      given => {
        const fields = biosFields(given)
        if (given.has('long')) return { detail: 'true' }
        return given.has('fields') ? { fields: fields.join(',') } : ({} as Record<string, string>)
      },
    ),
  'bios setting show': brief =>
    showing(
      { brief, args: [{ name: 'setting', doc: "the setting's name" }] },
      'bios/{setting}',
      (body, given) => body[given.arg('setting')] ?? body,
    ),
  'firmware list': brief =>
    listing({ brief }, 'firmware', 'firmware', [
      ['Component', 'component'],
      ['Initial Version', 'initial_version'],
      ['Current Version', 'current_version'],
      ['Last Version Flashed', 'last_version_flashed'],
      ['Created At', 'created_at'],
      ['Updated At', 'updated_at'],
    ]),
  'console show': brief => showing({ brief }, 'states/console'),
  'console enable': brief => acting({ brief, several: true }, 'PUT', 'states/console', () => ({ enabled: true })),
  'console disable': brief =>
    acting({ brief, several: true, doc: 'Whoever has it open is cut off.' }, 'PUT', 'states/console', () => ({ enabled: false })),
  'raid set': brief =>
    acting(
      {
        brief,
        doc: 'It is done by the step raid.create_configuration of "node clean". This destroys what is on the disks.',
        args: [{ name: 'file', doc: 'the file that holds the configuration as JSON; - for standard input' }],
      },
      'PUT',
      'states/raid',
      given => structured(given.arg('file'), '<file>'),
    ),
  'inventory save': brief => saving({ brief, doc: 'What the last inspection found, and what a plugin kept of it, as JSON.' }, 'inventory'),
  'history list': brief =>
    listing(
      { brief, options: { long: { doc: 'more columns: by whom, and in which state' } } },
      'history',
      'history',
      given => (given.has('long') ? LONG_HISTORY : HISTORY),
      given => (given.has('long') ? { detail: 'true' } : ({} as Record<string, string>)),
    ),
  'children list': brief => listing({ brief }, 'children', 'children', [['Child Nodes', 'value']]),
  'history get': brief =>
    showing({ brief, args: [{ name: 'event', doc: 'the UUID of the entry' }] }, 'history/{event}', body => body.history?.[0] ?? body),
  'vif list': brief => listing({ brief }, 'vifs', 'vifs', [['ID', 'id']]),
  'vif attach': brief =>
    acting(
      {
        brief,
        args: [{ name: 'vif-id', doc: "the network service's port" }],
        options: {
          'port-uuid': { doc: "the node's port to take", values: ['uuid'] },
          'portgroup-uuid': { doc: "the node's port group to take", values: ['uuid'] },
          'vif-info': { doc: 'more that the network interface is to know', values: ['key=value'], repeat: true },
        },
      },
      'POST',
      'vifs',
      given => ({
        ...pairs(given.all('vif-info'), '--vif-info'),
        ...present({ id: given.arg('vif-id'), port_uuid: given.one('port-uuid'), portgroup_uuid: given.one('portgroup-uuid') }),
      }),
    ),
  'vif detach': brief => acting({ brief, args: [{ name: 'vif-id', doc: "the network service's port" }] }, 'DELETE', 'vifs/{vif-id}'),
  'vmedia attach': brief =>
    acting(
      {
        brief,
        args: [
          { name: 'device-type', doc: 'cdrom, disk or floppy' },
          { name: 'image-url', doc: 'where the BMC can read the image' },
        ],
      },
      'POST',
      'vmedia',
      given => ({ device_type: given.arg('device-type'), image_url: given.arg('image-url') }),
    ),
  'vmedia detach': brief =>
    acting(
      { brief, options: { 'device-types': { doc: 'only these, separated by commas', values: ['types'] } } },
      'DELETE',
      'vmedia',
      undefined,
      given => (given.has('device-types') ? { device_types: given.one('device-types')! } : ({} as Record<string, string>)),
    ),
  'vmedia show': brief =>
    listing({ brief }, 'vmedia', undefined, [
      ['Media Types', 'media_types'],
      ['Inserted', 'inserted'],
      ['Image', 'image'],
    ]),
  'indicator list': brief =>
    listing({ brief }, 'management/indicators', 'indicators', [
      ['Name', 'name'],
      ['Readonly', 'readonly'],
      ['States', 'states'],
    ]),
  'indicator show': brief =>
    showing({ brief, args: [{ name: 'indicator', doc: "the indicator's name" }] }, 'management/indicators/{indicator}'),
  'indicator set': brief =>
    acting(
      {
        brief,
        args: [
          { name: 'indicator', doc: "the indicator's name" },
          { name: 'state', doc: 'ON, OFF or BLINKING' },
        ],
      },
      'PUT',
      'management/indicators/{indicator}',
      given => ({ state: given.arg('state').toUpperCase() }),
    ),
  'passthru call': brief => calling('node', brief),
  'passthru list': brief =>
    listing({ brief }, 'vendor_passthru/methods', undefined, [
      ['Name', 'name'],
      ['Supported HTTP methods', 'http_methods'],
      ['Async', 'async'],
      ['Description', 'description'],
      ['Response is attachment', 'attach'],
    ]),
}
