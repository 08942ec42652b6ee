import { chassis } from '@esi/api/baremetal/chassis'
import { dialect as baremetal } from '@esi/api/baremetal/dialect'
import { node } from '@esi/api/baremetal/node'
import { port } from '@esi/api/baremetal/port'
import { portgroup } from '@esi/api/baremetal/portgroup'
import { retiredNode } from '@esi/api/baremetal/retired-node'
import type { AnyResource, Resource } from '@esi/api/define'
import { dialect as identity } from '@esi/api/identity/dialect'
import { dialect as leasing } from '@esi/api/leasing/dialect'
import { lease } from '@esi/api/leasing/lease'
import { offer } from '@esi/api/leasing/offer'
import { ResourceClient, type Session } from '@esi/client'
import type { Face } from './command.ts'

/** The resources that commands use, each with the service that the catalog names so. */
export const offers = async (face: Face) => new ResourceClient(await face.session(), 'lease', offer, leasing)
export const leases = async (face: Face) => new ResourceClient(await face.session(), 'lease', lease, leasing)
export const nodes = async (face: Face) => new ResourceClient(await face.session(), 'baremetal', node, baremetal)
export const ports = async (face: Face) => new ResourceClient(await face.session(), 'baremetal', port, baremetal)

export const portgroups = async (face: Face) => new ResourceClient(await face.session(), 'baremetal', portgroup, baremetal)
export const retiredNodes = async (face: Face) => new ResourceClient(await face.session(), 'baremetal', retiredNode, baremetal)
export const chassisOf = async (face: Face) => new ResourceClient(await face.session(), 'baremetal', chassis, baremetal)

/** Any resource of the bare-metal service. */
export const baremetalClient = (resource: AnyResource) => async (face: Face) =>
  new ResourceClient<any>(await face.session(), 'baremetal', resource as unknown as Resource, baremetal)

/** Any resource of the identity service. */
export const identityClient = (resource: AnyResource) => async (face: Face) =>
  new ResourceClient<any>(await face.session(), 'identity', resource as unknown as Resource, identity)

/** A call to the leasing service that is no plain resource's. */
export const callLeasing = async (session: Session, method: string, path: string, body?: unknown, query?: URLSearchParams): Promise<any> =>
  (await session.call('lease', leasing, { method, path, ...(body === undefined ? {} : { body }), ...(query ? { query } : {}) })).body

/** The same of the identity service. */
export const callIdentity = async (
  face: Face,
  method: string,
  path: string,
  more: { readonly query?: URLSearchParams; readonly body?: unknown } = {},
): Promise<any> => (await (await face.session()).call('identity', identity, { method, path, ...more })).body
