import { section } from '../../kit/config/read.ts'
import { type ConfigOf, choice, integer, list, text } from '../../kit/config/setting.ts'
import { NETWORKS } from './interfaces.ts'

export const configTable = {
  drivers: list({
    doc: 'Hardware types that nodes may have: redfish, ipmi, fake-hardware, or the name of an installed driver package.',
    default: ['redfish', 'ipmi'],
  }),
  groups: list({ doc: 'Conductor groups that this process conducts; an empty text is the default group.', default: [''] }),
  host: text({ doc: "What this process's conductor is called. Without it: the host's name." }),
  bmcPasswordLeast: integer({
    doc: 'Characters that a password for a BMC must have at least. IPMI has 16 bytes for it, or 20.',
    default: 12,
    min: 8,
    max: 16,
  }),
  consoleUrl: text({
    like: 'a WebSocket URL',
    pattern: /^wss?:\/\/[^\s?#]+$/,
    doc: 'Where clients reach the consoles of the machines that this process conducts, with wss:// or ws://; the path is /baremetal/v1/consoles of it. Other servers carry their clients to it too, so where groups have servers of their own it must lead to those. Without it: the public URL.',
  }),
  consoleTokenTime: integer({ doc: 'Seconds for which the address of a console is good.', default: 600, min: 5, max: 86_400 }),
  hardwareTimeout: integer({ doc: 'Seconds for which a request waits for the hardware.', default: 30, min: 1, max: 300 }),
  resourceClass: text({ doc: 'Given to nodes that are enrolled without one.' }),
  networkInterface: choice(NETWORKS, {
    doc: "The network interface of nodes that are enrolled without one. Without it: the hardware type's own default.",
  }),
  automaticLessee: choice(['instance', 'request', 'none'], {
    doc: "Whose a node without a lessee becomes while it is deployed: the project_id in its instance_info, the project that asks for the deployment, or nobody's.",
    default: 'instance',
  }),
} as const

export type Config = ConfigOf<typeof configTable>

const read = section('baremetal', configTable)

/** Reads the service's part of the configuration file; throws a sentence that says what is wrong. */
export const config = (given: unknown): Config => {
  const all = read(given)
  return { ...all, groups: all.groups.map(group => group.toLowerCase()) }
}
