import { type Command, UsageError } from '../../command.ts'
import { fileText } from '../../structured.ts'
import { acting, listing, showing } from './below.ts'

/** Commands for what is below a node, by their words: a table. `brief` is given by whoever lists them. */
type Make = (brief: string) => Command

const pairs = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    texts.map(text => {
      const at = text.indexOf('=')
      if (at < 1) throw new UsageError(`This must be like key=value: "${text}".`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )

export const PARTS: Readonly<Record<string, Make>> = {
  'inject nmi': brief =>
    acting({ brief, doc: 'The operating system writes a dump or stops, as it is told to.' }, 'PUT', 'management/inject_nmi', () => ({})),
  'boot mode set': brief =>
    acting({ brief, args: [{ name: 'mode', doc: 'uefi or bios' }] }, 'PUT', 'states/boot_mode', given => ({ target: given.arg('mode') })),
  'secure boot on': brief => acting({ brief }, 'PUT', 'states/secure_boot', () => ({ target: true })),
  'secure boot off': brief => acting({ brief }, 'PUT', 'states/secure_boot', () => ({ target: false })),
  'bios setting list': brief =>
    listing(
      { brief, options: { long: { doc: 'more columns: what each may be' } } },
      'bios',
      'bios',
      [
        ['Name', 'name'],
        ['Value', 'value'],
        ['Type', 'attribute_type'],
        ['Allowed', 'allowable_values'],
        ['Read Only', 'read_only'],
      ],
      given => (given.has('long') ? { detail: 'true' } : {}),
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
    ]),
  'console show': brief =>
    showing({ brief }, 'states/console', body => ({ console_enabled: body.console_enabled, ...(body.console_info ?? {}) })),
  'console enable': brief => acting({ brief }, 'PUT', 'states/console', () => ({ enabled: true })),
  'console disable': brief =>
    acting({ brief, doc: 'Whoever has it open is cut off.' }, 'PUT', 'states/console', () => ({ enabled: false })),
  'raid set': brief =>
    acting(
      {
        brief,
        doc: 'It is done by the step raid.create_configuration of "node clean". This destroys what is on the disks.',
        args: [{ name: 'file', doc: 'the file that holds the configuration as JSON; - for standard input' }],
      },
      'PUT',
      'states/raid',
      given => JSON.parse(fileText(given.arg('file'), 'file')),
    ),
  'inventory save': brief => showing({ brief, doc: 'What the last inspection found, and what a plugin kept of it.' }, 'inventory'),
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
          'vif-info': { doc: 'more that the network interface is to know', values: ['key=value'], repeat: true },
        },
      },
      'POST',
      'vifs',
      given => ({
        ...pairs(given.all('vif-info')),
        id: given.arg('vif-id'),
        ...(given.has('port-uuid') ? { port_uuid: given.one('port-uuid') } : {}),
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
  'passthru list': brief =>
    listing({ brief }, 'vendor_passthru/methods', undefined, [
      ['Name', 'name'],
      ['Supported HTTP methods', 'http_methods'],
      ['Async', 'async'],
      ['Description', 'description'],
    ]),
}
