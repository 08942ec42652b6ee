import { createHash } from 'node:crypto'
import { credential } from '@esi/api/identity/credential'
import { dialect } from '@esi/api/identity/dialect'
import { isObject } from '@esi/api/types'
import type { RawBuilder } from 'kysely'
import type { Context, Reply } from '../../../kit/http/route.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { withinProject } from '../domain/delegation.ts'
import { forbiddenAction, invalid } from '../errors.ts'
import { credentialsOfProject, credentials as store } from '../store/credentials.ts'
import { isDelegated, type Token } from '../tokens/token.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'
import { ownToken } from './own-token.ts'

/** The identifier of an EC2 credential. */
export const ec2Id = (access: string): string => createHash('sha256').update(access).digest('hex')

/** The project that a token is bound to, where somebody lent it. */
export const boundTo = (token: Token): string | undefined => {
  const { scope } = token.claims
  return isDelegated(token) && scope.is === 'project' ? scope.project : undefined
}

/** A program that may not make itself further logins gets no keys either. */
export const mayMakeKeys = (token: Token): void => {
  if (token.credential && !token.credential.unrestricted)
    throw forbiddenAction("Using method 'application_credential' is not allowed for managing additional credentials.")
}

/** What keys that are made with this token are bound to: they open no more than it. */
export const bindings = (token: Token): Record<string, string> => ({
  ...(token.claims.trust === undefined ? {} : { trust_id: token.claims.trust }),
  ...(token.claims.applicationCredential === undefined ? {} : { app_cred_id: token.claims.applicationCredential }),
  ...(token.claims.accessToken === undefined ? {} : { access_token_id: token.claims.accessToken }),
})

const BOUND = ['trust_id', 'app_cred_id', 'access_token_id', 'access_id']

const isEc2 = (type: unknown): boolean => String(type).toLowerCase() === 'ec2'

/** A device by whose passcodes its user logs in. */
const isDevice = (type: unknown): boolean => String(type).toLowerCase() === 'totp'

/** Whoever was lent something neither sees the lender's devices nor makes one: it would be the lender's whole login. */
const keepDevices = (token: Token, ...types: readonly unknown[]): void => {
  if (isDelegated(token) && types.some(isDevice)) throw forbiddenAction('Delegated tokens cannot access credentials of the type totp.')
}

const keysIn = (blob: unknown): Record<string, unknown> & { access: string } => {
  let keys: unknown
  try {
    keys = JSON.parse(String(blob))
  } catch {
    throw invalid('Invalid blob in credential')
  }
  if (!isObject(keys)) throw invalid('Expecting to find blob in credential: JSON with "access" and "secret".')
  if (typeof keys['access'] !== 'string' || keys['access'] === '') throw invalid('Expecting to find access in credential.')
  return keys as Record<string, unknown> & { access: string }
}

const needsProject = (row: Item): void => {
  if (isEc2(row['type']) && !row['project_id']) throw invalid("'project_id' is a required property of an ec2 credential")
}

const behaviour = (house: House): Behaviour => ({
  ties(draft) {
    if (!isEc2(draft['type'])) return
    needsProject(draft)
    draft['id'] = ec2Id(keysIn(draft['blob']).access)
  },

  async prepare(draft, context) {
    const token = await ownToken(house, context)
    withinProject(boundTo(token), draft['project_id'], 'Credential')
    keepDevices(token, draft['type'])
    if (isEc2(draft['type'])) {
      mayMakeKeys(token)
      const bound = bindings(token)
      if (Object.keys(bound).length > 0) draft['blob'] = JSON.stringify({ ...keysIn(draft['blob']), ...bound })
    }
    draft['sealed'] = house.secrets.seal(String(draft['blob']))
  },

  async beforeUpdate(current, values, context) {
    const after = { ...current, ...values }
    // Neither given away nor taken over.
    context.require('identity:update_credential', { target: { credential: { user_id: after['user_id'] } } })
    const token = await ownToken(house, context)
    withinProject(boundTo(token), after['project_id'], 'Credential')
    keepDevices(token, current['type'], after['type'])
    needsProject(after)
    if (isEc2(current['type']) || isEc2(after['type'])) mayMakeKeys(token)
    if (isEc2(after['type'])) {
      const old = house.secrets.open(String(current['sealed']))
      const keys = keysIn('blob' in values ? values['blob'] : old)
      const before: unknown = isEc2(current['type']) ? keysIn(old) : {}
      for (const key of BOUND) if ((before as Item)[key] !== keys[key]) throw invalid(`${key} can not be updated for credential`)
    } else if (isEc2(current['type'])) throw invalid('type can not be updated for an ec2 credential')
    if ('blob' in values) values['sealed'] = house.secrets.seal(String(values['blob']))
  },

  compute(rows, _context, fields) {
    if (fields.includes('blob')) for (const row of rows) row['blob'] = house.secrets.open(String(row['sealed']))
  },
})

/** Credentials; a token that was lent sees and changes those of its own project only. */
class Credentials extends Keystone {
  readonly #house: House

  constructor(house: House) {
    super({
      resource: credential,
      dialect,
      database: house.database,
      store,
      behaviour: behaviour(house),
      concerns: row => (typeof row['project_id'] === 'string' ? [row['project_id']] : []),
      own: context => ({ target: { credential: { user_id: context.who.user_id } } }),
    })
    this.#house = house
  }

  override async list(context: Context, where: readonly RawBuilder<unknown>[] = []): Promise<Reply> {
    const bound = boundTo(await ownToken(this.#house, context))
    return super.list(context, bound === undefined ? where : [...where, ...credentialsOfProject(bound)])
  }

  override async find(context: Context, ident: string, rule?: string): Promise<Item> {
    const row = await super.find(context, ident, rule)
    const token = await ownToken(this.#house, context)
    withinProject(boundTo(token), row['project_id'], 'Credential')
    keepDevices(token, row['type'])
    return row
  }
}

export const credentialResource = (house: House): Keystone => new Credentials(house)
