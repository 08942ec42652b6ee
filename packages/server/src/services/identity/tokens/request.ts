import { isObject } from '@esi/api/types'
import { invalid } from '../errors.ts'
import type { Ref, UserRef } from '../store/subjects.ts'

/** `POST /v3/auth/tokens` as it was asked, checked for form only. Throws `Refused('invalid')`. */
export interface LoginRequest {
  readonly methods: readonly string[]
  readonly password?: { readonly user: UserRef; readonly password: string }
  readonly totp?: { readonly user: UserRef; readonly passcode: string }
  readonly token?: string
  readonly applicationCredential?: {
    readonly credential: { readonly id: string } | { readonly name: string; readonly user: UserRef }
    readonly secret: string
  }
  readonly scope: ScopeRequest | undefined
}

export type ScopeRequest =
  | { readonly is: 'project'; readonly ref: { readonly id: string } | { readonly name: string; readonly domain: Ref } }
  | { readonly is: 'domain'; readonly ref: Ref }
  | { readonly is: 'trust'; readonly trust: string }
  | { readonly is: 'system' }
  | { readonly is: 'unscoped' }

export const readLogin = (body: unknown): LoginRequest => {
  const auth = object(isObject(body) ? body['auth'] : undefined, 'auth')
  const identity = object(auth['identity'], 'identity')
  const methods = identity['methods']
  if (!Array.isArray(methods) || !methods.every(m => typeof m === 'string'))
    throw invalid('Expecting to find methods in identity: a list of names.')
  const unique = [...new Set(methods as string[])]
  for (const method of unique) object(identity[method], method, 'identity')
  const has = (method: string) => unique.includes(method)
  return {
    methods: unique,
    ...(has('password') ? { password: readPassword(identity['password'] as Record<string, unknown>) } : {}),
    ...(has('totp') ? { totp: readPasscode(identity['totp'] as Record<string, unknown>) } : {}),
    ...(has('token') ? { token: text((identity['token'] as Record<string, unknown>)['id'], 'id', 'token', 0) } : {}),
    ...(has('application_credential')
      ? { applicationCredential: readCredential(identity['application_credential'] as Record<string, unknown>) }
      : {}),
    scope: 'scope' in auth ? readScope(auth['scope']) : undefined,
  }
}

const readPassword = (given: Record<string, unknown>) => {
  const user = object(given['user'], 'user', 'password')
  // No password is a wrong one.
  return { user: readUser(user), password: user['password'] === undefined ? '' : text(user['password'], 'password', 'user', 0) }
}

const readPasscode = (given: Record<string, unknown>) => {
  const user = object(given['user'], 'user', 'totp')
  // What is no text is a wrong one.
  return { user: readUser(user), passcode: typeof user['passcode'] === 'string' ? user['passcode'] : '' }
}

const readUser = (user: Record<string, unknown>): UserRef => {
  if (user['id'] !== undefined || user['name'] === undefined) return { id: text(user['id'], 'id or name', 'user') }
  return { name: text(user['name'], 'name', 'user'), domain: readRef(user['domain'], 'domain', 'user') }
}

const readCredential = (given: Record<string, unknown>) => {
  const secret = text(given['secret'], 'secret', 'application_credential')
  if (given['id'] !== undefined) return { credential: { id: text(given['id'], 'id', 'application_credential') }, secret }
  const name = text(given['name'], 'id or name', 'application_credential')
  return { credential: { name, user: readUser(object(given['user'], 'user', 'application_credential')) }, secret }
}

const readScope = (given: unknown): ScopeRequest => {
  // The oldest spelling of "no scope".
  if (given === 'unscoped') return { is: 'unscoped' }
  const scope = object(given, 'scope')
  const kinds = ['project', 'domain', 'unscoped', 'system', 'OS-TRUST:trust'].filter(kind => kind in scope)
  if (kinds.length !== 1)
    throw invalid('Expecting to find system, project, domain, OS-TRUST:trust or unscoped in scope, and only one of them.')
  switch (kinds[0]) {
    case 'unscoped':
      return { is: 'unscoped' }
    case 'system':
      if (object(scope['system'], 'system', 'scope')['all'] !== true) throw invalid('Expecting to find all: true in system.')
      return { is: 'system' }
    case 'domain':
      return { is: 'domain', ref: readRef(scope['domain'], 'domain', 'scope') }
    case 'project': {
      const project = object(scope['project'], 'project', 'scope')
      if (project['name'] === undefined) return { is: 'project', ref: { id: text(project['id'], 'id or name', 'project') } }
      return {
        is: 'project',
        ref: { name: text(project['name'], 'name', 'project'), domain: readRef(project['domain'], 'domain', 'project') },
      }
    }
    default:
      return { is: 'trust', trust: text(object(scope['OS-TRUST:trust'], 'OS-TRUST:trust', 'scope')['id'], 'id', 'OS-TRUST:trust') }
  }
}

const readRef = (given: unknown, what: string, where: string): Ref => {
  const ref = object(given, what, where)
  return ref['name'] === undefined ? { id: text(ref['id'], 'id or name', what) } : { name: text(ref['name'], 'name', what) }
}

const object = (value: unknown, what: string, where = 'request body'): Record<string, unknown> => {
  if (!isObject(value))
    throw invalid(
      `Expecting to find ${what} in ${where}. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.`,
    )
  return value
}

const text = (value: unknown, what: string, where: string, least = 1): string => {
  if (typeof value !== 'string' || value.length < least)
    throw invalid(
      `Expecting to find ${what} in ${where}. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.`,
    )
  return value
}
