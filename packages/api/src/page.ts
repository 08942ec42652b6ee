/** What several dialects do alike with the query of a list. */
import type { AnyResource } from './define.ts'
import { type ListQuery, Refused, type WireRequest } from './dialect.ts'

export type Filters = ListQuery['filters']

/** `fields=a,b&fields=c`. */
export const chosenFields = (query: URLSearchParams): readonly string[] | undefined => {
  const fields = query
    .getAll('fields')
    .flatMap(text => text.split(','))
    .map(text => text.trim())
    .filter(Boolean)
  return fields.length > 0 ? fields : undefined
}

/** Every parameter that is not one of `others`, as an exact filter; the last one counts where a parameter is repeated. */
export const exactFilters = (query: URLSearchParams, others: readonly string[]): Filters =>
  [...new Set(query.keys())].filter(key => !others.includes(key)).map(field => ({ field, op: 'eq', values: query.getAll(field).slice(-1) }))

/** A page size: a whole number above 0, at most `most`, which absence means, too. Clients for whom 0 is everything do not send it. */
export const pageSize = (query: URLSearchParams, most: number): number => {
  const text = query.get('limit')
  if (text === null || text === '') return most
  if (!/^[+-]?\d+$/.test(text)) throw new Refused('invalid', `limit must be a whole number, not "${text.slice(0, 40)}"`)
  const limit = Number(text)
  if (limit <= 0) throw new Refused('invalid', 'Limit must be positive')
  return Math.min(limit, most)
}

export const direction = (text: string): 'asc' | 'desc' => {
  if (text === 'asc' || text === 'desc') return text
  throw new Refused('invalid', `Invalid sort direction: ${text.slice(0, 40)}. Acceptable values are 'asc' or 'desc'`)
}

/** The same query from another marker on: every filter, field and order goes along, so that no page is ever of another list. */
export const nextLink = (request: WireRequest, marker: string, limit: number): string => {
  const query = new URLSearchParams(request.query)
  query.set('limit', String(limit))
  query.set('marker', marker)
  return `${request.base}${request.path}?${query}`
}

/** What is inside an envelope: `{"user": {…}}`. */
export const unwrap = (request: WireRequest, r: Pick<AnyResource, 'name'>): Record<string, unknown> => {
  const inner = (request.body as Record<string, unknown> | null | undefined)?.[r.name]
  if (inner === null || typeof inner !== 'object' || Array.isArray(inner))
    throw new Refused('invalid', `The body must be a JSON object with the object "${r.name}" in it.`)
  return inner as Record<string, unknown>
}
