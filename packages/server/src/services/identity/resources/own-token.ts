import type { Context } from '../../../kit/http/route.ts'
import { unauthenticated } from '../errors.ts'
import type { Token } from '../tokens/token.ts'
import type { House } from './house.ts'

/** The token that the request itself came with. */
export const ownToken = async (house: Pick<House, 'tokens'>, context: Pick<Context, 'wire'>): Promise<Token> => {
  const token = await house.tokens.validate(context.wire.headers['x-auth-token'] ?? '')
  if (!token) throw unauthenticated()
  return token
}
