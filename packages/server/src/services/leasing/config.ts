import { section } from '../../kit/config/read.ts'
import { type ConfigOf, duration, integer, text } from '../../kit/config/setting.ts'

export const configTable = {
  defaultResourceType: text({ default: 'ironic_node', doc: 'What a request without a resource type means.' }),
  defaultLeaseTime: duration({ default: '7d', doc: 'How long a lease is that names no end.' }),
  maxLeaseTime: duration({ default: '21d', doc: 'The longest lease, for all but administrators.' }),
  maxLeasesPerProject: integer({ doc: 'Leases that a project may have at once, those to come counted. Without it: as many as it likes.' }),
  subleaseDepth: integer({ default: 1, max: 10, doc: 'How deep leases may lie in leases.' }),
  dummyNodes: text({ doc: 'A folder of JSON files, each a thing of the type dummy_node.' }),
  testNodeOwner: text({ doc: 'The id of the project that owns all things of the type test_node. Without it there are none.' }),
  consoleUrl: text({
    pattern: /^wss?:\/\/[^\s/]/,
    like: 'a URL of ws or wss',
    doc: 'Where a proxy for consoles is; a token is added to it. Without it they are here, where bare metal runs beside leasing, else there are none.',
  }),
  consoleTokenTime: duration({ default: '10m', doc: 'For how long a console token is good if its request does not say.' }),
} as const

export type LeasingConfig = ConfigOf<typeof configTable>

export const config: (given: unknown) => LeasingConfig = section('leasing', configTable)
