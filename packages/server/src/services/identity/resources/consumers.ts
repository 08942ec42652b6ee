import { consumer } from '@esi/api/identity/consumer'
import { dialect } from '@esi/api/identity/dialect'
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

class Consumers extends Keystone {
  readonly #house: House

  constructor(house: House) {
    super({ resource: consumer, dialect, database: house.database, store: consumers, behaviour, concerns: () => [] })
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
