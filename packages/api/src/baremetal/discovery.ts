import { route } from '../define.ts'
import { bool, list, object, oneOf, string } from '../types.ts'

/** Finding machines by the addresses of their BMCs, and enrolling them. Ours; Ironic has no such thing. */

/** Most addresses of one discovery. */
export const MOST_ADDRESSES = 4096
/** Most accounts that are tried at one BMC: some lock an account after three wrong passwords. */
export const MOST_ACCOUNTS = 3

const POLICY = 'baremetal:discovery'

export const createDiscovery = route({
  name: 'discovery.create',
  method: 'POST',
  path: '/v1/discoveries',
  policies: [POLICY],
  status: 202,
  body: {
    ranges: {
      type: list(string(120, 1)),
      required: true,
      doc: `Addresses, like 10.0.0.5, 10.0.0.1-10.0.0.20 or 10.0.0.0/24, each with :port if it is not the usual one; at most ${MOST_ADDRESSES} in all.`,
    },
    driver: { type: string(80, 1), doc: 'Hardware type to look for, or auto (default) for all that can be found.' },
    accounts: {
      type: list(object()),
      required: true,
      doc: `Accounts to log in with, {"username": …, "password": …}, tried in their order; at most ${MOST_ACCOUNTS}. Kept sealed, and forgotten at the end.`,
    },
    trust: {
      type: oneOf('first', 'known'),
      doc: 'first (default): the certificate that a BMC shows now is trusted and kept as its own. known: only what the server trusts already.',
    },
    conductor_group: { type: string(255), doc: 'The conductors that reach these addresses. Default: those without a group.' },
  },
  doc: 'Looks for BMCs at these addresses. Nothing is changed there. What is found is shown, and enrolled only when that is asked for.',
})

export const getDiscovery = route({
  name: 'discovery.show',
  method: 'GET',
  path: '/v1/discoveries/:discovery',
  policies: [POLICY],
  status: 200,
  doc: 'How far it is, and what was found.',
})

export const deleteDiscovery = route({
  name: 'discovery.delete',
  method: 'DELETE',
  path: '/v1/discoveries/:discovery',
  policies: [POLICY],
  status: 204,
  doc: 'Ends it, and forgets the passwords and all that was found.',
})

export const enrolDiscovered = route({
  name: 'discovery.enrol',
  method: 'POST',
  path: '/v1/discoveries/:discovery/enrol',
  policies: [POLICY, 'baremetal:node:create'],
  status: 202,
  body: {
    addresses: {
      type: list(string(120, 1)),
      doc: 'Which of those that were found, by address as shown. Default: all that are not enrolled yet.',
    },
    owner: { type: string(255), nullable: true, doc: "The project that owns the nodes. Default: the caller's." },
    name: {
      type: string(255, 1),
      doc: 'What they are called, with {serial}, {address} and {n}. Default: {serial}, or bmc-{address} without one.',
    },
    resource_class: { type: string(80, 1), doc: 'Their resource class.' },
    properties: { type: object(), doc: 'Further properties of them all.' },
    manage: { type: bool(), doc: 'Whether each is verified at once, as by the verb manage. Default: true.' },
    keep: {
      type: bool(),
      doc: 'Whether the discovery stays, to enroll more of it later. Default: false: it is ended, and the passwords forgotten.',
    },
  },
  doc: 'Enrolls machines that were found, with a port for each of their network cards. What is enrolled already is left as it is.',
})

/** A network card of a machine that was found. */
export interface FoundNic {
  readonly mac: string
  /** Why it is taken for one that shares its link with the BMC; null where it is not. */
  readonly shared_lom: 'same address' | 'neighbour' | null
}

/** A BMC that answered. */
export interface Found {
  readonly address: string
  readonly driver: string
  readonly vendor: string | null
  readonly model: string | null
  readonly serial: string | null
  readonly uuid: string | null
  readonly bmc_version: string | null
  readonly cpus: number | null
  readonly memory_mb: number | null
  readonly nics: readonly FoundNic[]
  /** The certificate that is trusted because it was shown first: sha256:… */
  readonly certificate: string | null
  /** What is weak about how it is reached. */
  readonly weak: readonly string[]
  /** The node that it is already. */
  readonly node: { readonly uuid: string; readonly name: string | null } | null
}

/** A BMC that answered and lets nobody in. */
export interface NotEntered {
  readonly address: string
  readonly driver: string
  readonly fault: string
  readonly message: string
}

export interface Discovery {
  readonly uuid: string
  readonly state: 'searching' | 'done'
  readonly driver: string
  readonly created_at: string
  /** From then on the passwords are forgotten, and nothing can be enrolled any more. */
  readonly expires_at: string
  readonly progress: { readonly addresses: number; readonly done: number; readonly silent: number }
  readonly found: readonly Found[]
  readonly failed: readonly NotEntered[]
}

export interface Enrolled {
  readonly nodes: readonly { readonly uuid: string; readonly name: string | null; readonly address: string; readonly ports: number }[]
  readonly skipped: readonly { readonly address: string; readonly why: string }[]
}
