import type { Dialect } from '@esi/api/dialect'
import { consumer } from '@esi/api/identity/consumer'
import { dialect } from '@esi/api/identity/dialect'
import { isObject } from '@esi/api/types'
import type { Context, Reply } from '../../../kit/http/route.ts'
import { hex } from '../../../kit/ids/ids.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import { invalid } from '../errors.ts'
import { consumers } from '../store/consumers.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'

const behaviour: Behaviour = {
  prepare(draft) {
    if ('secret' in draft) throw invalid("Additional properties are not allowed ('secret' was unexpected)")
  },
  beforeUpdate(_current, values) {
    if ('secret' in values) throw invalid('The secret of a consumer cannot be changed.')
  },
}

// A consumer that nothing is said of needs no words at all.
const lenient: Dialect = {
  ...dialect,
  created: (request, r) => (isObject(request.body) && Object.keys(request.body).length === 0 ? {} : dialect.created(request, r)),
}

class Consumers extends Keystone {
  readonly #house: House

  constructor(house: House) {
    super({ resource: consumer, dialect: lenient, database: house.database, store: consumers, behaviour, concerns: () => [] })
    this.#house = house
  }

  override async create(context: Context): Promise<Reply> {
    const secret = hex()
    const reply = await super.create(context, draft => {
      draft['sealed'] = this.#house.secrets.seal(secret)
    })
    const { consumer: made } = reply.body as { consumer: object }
    return { ...reply, body: { consumer: { ...made, secret } } }
  }
}

export const consumerResource = (house: House): Keystone => new Consumers(house)
