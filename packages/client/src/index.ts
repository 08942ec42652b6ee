/** The SDK: log in by clouds.yaml, then use any declared resource, typed by its table. */

export { ApiError } from './api-error.ts'
export { type Cloud, CloudError, type Credentials, chooseCloud, readClouds } from './clouds.ts'
export type { KeptToken, LoginHelp } from './oidc.ts'
export { discover, type Enrolling, enrol, forget, type Search } from './recipes/discovery.ts'
export { type ListOptions, ResourceClient, type WriteOptions } from './resource.ts'
export { type Answer, Session, type Token } from './session.ts'
export { type Transport, Unreachable } from './transport.ts'
export { nodeTransport } from './transport-node.ts'
export { type WaitOptions, WaitTimeout, waitFor } from './wait.ts'
