/** Work on a node after it was enrolled, each of it one request. Ours; Ironic has no such thing. */
import { route } from '../define.ts'
import { string } from '../types.ts'

const at = (path: string) => `/v1/nodes/:node/${path}`

/** What is done, or with `?dry_run=true` would be, in sentences, and whom it touches. */
export interface Plan {
  readonly node: { readonly uuid: string; readonly name: string | null }
  readonly does: readonly string[]
  readonly affects: readonly { readonly project: string; readonly as: string; readonly how: string }[]
}

export const rotatePassword = route({
  name: 'node.bmc_password.rotate',
  method: 'POST',
  path: at('bmc/password'),
  policies: ['baremetal:node:bmc_password'],
  status: 202,
  body: { password: { type: string(127, 1), doc: 'The new one. Without it one is made, which nobody is told.' } },
  doc: 'Gives the account that the node is reached by another password: it is set on the BMC, proven by a login, and kept. Until that is proven the old one is kept too.',
})

export const getPassword = route({
  name: 'node.bmc_password.show',
  method: 'GET',
  path: at('bmc/password'),
  policies: ['baremetal:node:bmc_password'],
  status: 200,
  doc: 'How the last change of the password went; never the password.',
})

export const transferNode = route({
  name: 'node.transfer',
  method: 'POST',
  path: at('transfer'),
  policies: ['baremetal:node:transfer'],
  status: 202,
  body: { to: { type: string(255, 1), required: true, doc: 'The project, by UUID or name.' } },
  doc: "Gives a node to another owner. Leases stay and name the new owner; the old owner's offers end.",
})

/** How the change of a BMC's password stands. */
export interface PasswordChange {
  /**
   * `asked`: nothing is changed yet. `setting`: it is being set, and one of both works. `lost`: it could not be found out which of both
   * works; that is tried again. `done`, `failed`: over; after `failed` the old one works. `never`: nobody asked for it.
   */
  readonly state: 'never' | 'asked' | 'setting' | 'lost' | 'done' | 'failed'
  readonly asked_at: string | null
  readonly began_at: string | null
  readonly done_at: string | null
  readonly user: string | null
  readonly project: string | null
  readonly error: string | null
}
