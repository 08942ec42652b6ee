import { selfLink } from '@esi/api/identity/dialect'
import type { Context } from '../../../kit/http/route.ts'

/** The links of a list that is one page. */
export const listLinks = ({ wire }: Pick<Context, 'wire'>) => ({ next: null, self: selfLink(wire), previous: null })
