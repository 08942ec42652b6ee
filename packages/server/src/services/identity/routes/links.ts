import type { Context } from '../../../kit/http/route.ts'

/** The links of a list that is one page. */
export const listLinks = ({ wire }: Pick<Context, 'wire'>) => {
  const query = wire.query.toString()
  return { next: null, self: `${wire.base}${wire.path}${query ? `?${query}` : ''}`, previous: null }
}
