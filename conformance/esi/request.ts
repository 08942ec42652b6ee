import type { Expected } from '../harness/match.ts'

/** A request as esi's own client sends it, and what must come of it. */
export interface Request {
  /** A login of clouds.yaml. */
  readonly as: string
  /** The command that sends it. */
  readonly command: string
  readonly send: string
  /** Sent as JSON; `$name` in a text stands for what an earlier one has kept. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly status: number
  readonly shows?: Expected
  readonly keep?: Readonly<Record<string, string>>
  /** Again until it is so, for what a conductor does meanwhile. */
  readonly until?: true
}

export const refusal = (text: RegExp): Expected => ({ faultcode: 'Client', faultstring: text, debuginfo: null })
export const DENIED = refusal(/Access was denied/)
export const FOR_EVER = '9999-12-31T23:59:59.999999'

// Every field of the client's tables: it fails on one that is missing.
export const offerFields = {
  name: null,
  project: 'owner1',
  lessee: null,
  lessee_id: null,
  resource: 'dell1',
  resource_type: 'ironic_node',
  resource_class: 'baremetal',
  resource_properties: { cpu_arch: 'x86_64' },
  end_time: FOR_EVER,
  status: 'available',
  properties: {},
  parent_lease_uuid: null,
} satisfies Expected

export const leaseFields = {
  name: null,
  project: 'lessee1',
  owner: 'owner1',
  resource: 'dell1',
  resource_type: 'ironic_node',
  resource_class: 'baremetal',
  resource_properties: { cpu_arch: 'x86_64' },
  end_time: '$in3h',
  expire_time: null,
  purpose: null,
  properties: {},
  parent_lease_uuid: null,
} satisfies Expected
