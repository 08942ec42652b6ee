import { createHash } from 'node:crypto'
import { credential } from '@esi/api/identity/credential'
import { dialect } from '@esi/api/identity/dialect'
import { isObject } from '@esi/api/types'
import type { RawBuilder } from 'kysely'
import type { Context, Reply } from '../../../kit/http/route.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { forbiddenAction, invalid } from '../errors.ts'
import { noCredentials, credentials as store } from '../store/credentials.ts'
import { isDelegated, type Token } from '../tokens/token.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'
import { ownToken } from './own-token.ts'

/** The identifier of an EC2 credential. */
export const ec2Id = (access: string): string => createHash('sha256').update(access).digest('hex')

/** What was lent reaches no keys: with them a borrower would have more, and longer, than was lent. */
export const onlyOwn = (token: Token): void => {
  if (isDelegated(token)) throw forbiddenAction('Delegated tokens cannot access credentials directly')
}

/** What keys are bound to, where they came from elsewhere: they open no more than that. */
const BOUND = ['trust_id', 'app_cred_id', 'access_token_id', 'access_id']

const isEc2 = (type: unknown): boolean => String(type).toLowerCase() === 'ec2'

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
    onlyOwn(await ownToken(house, context))
    draft['sealed'] = house.secrets.seal(String(draft['blob']))
  },

  async beforeUpdate(current, values, context) {
    const after = { ...current, ...values }
    // Neither given away nor taken over.
    context.require('identity:update_credential', { target: { credential: { user_id: after['user_id'] } } })
    needsProject(after)
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

/** Credentials; a token that was lent sees none. */
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
    return super.list(context, isDelegated(await ownToken(this.#house, context)) ? [...where, ...noCredentials] : where)
  }

  override async find(context: Context, ident: string, rule?: string): Promise<Item> {
    const row = await super.find(context, ident, rule)
    onlyOwn(await ownToken(this.#house, context))
    return row
  }
}

export const credentialResource = (house: House): Keystone => new Credentials(house)
