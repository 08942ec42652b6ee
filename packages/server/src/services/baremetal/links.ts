import type { Context } from '../../kit/http/route.ts'

export interface Link {
  readonly href: string
  readonly rel: 'self' | 'bookmark'
}

/** Ironic's pair of links to something below `/v1/`. */
export const links = (context: Context, path: string): Link[] => [
  { href: `${context.wire.base}/v1/${path}`, rel: 'self' },
  { href: `${context.wire.base}/${path}`, rel: 'bookmark' },
]
