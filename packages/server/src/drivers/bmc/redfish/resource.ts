/** A JSON object as a BMC sent it. Nothing in it can be relied upon, so it is read through the functions below. */
export type Json = Readonly<Record<string, unknown>>

/** A resource that was read, with where from and which version. */
export interface Resource {
  readonly path: string
  readonly body: Json
  readonly etag: string | null
}

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `at(body, 'Boot', 'BootOrder')`; undefined where anything on the way is no object. */
export const at = (body: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), body)

export const str = (body: unknown, ...keys: readonly string[]): string | null => {
  const value = at(body, ...keys)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

export const num = (body: unknown, ...keys: readonly string[]): number | null => {
  const value = at(body, ...keys)
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

export const list = (body: unknown, ...keys: readonly string[]): readonly unknown[] => {
  const value = at(body, ...keys)
  return Array.isArray(value) ? value : []
}

export const strings = (body: unknown, ...keys: readonly string[]): readonly string[] =>
  list(body, ...keys).filter(value => typeof value === 'string')

/** Where a link leads. Only paths: a BMC has no business to send us, with its password, to another host. */
export const link = (body: unknown, ...keys: readonly string[]): string | null => pathOf(str(body, ...keys, '@odata.id'))

/** The path of a link. BMCs behind an address translation name themselves wrongly, so the host in it is never used. */
export const pathOf = (value: string | null): string | null => {
  if (value === null) return null
  if (value.startsWith('/') && !value.startsWith('//')) return URL.canParse(value, 'http://bmc') ? value : null
  if (!URL.canParse(value) || !/^https?:/i.test(value)) return null
  const url = new URL(value)
  return url.pathname + url.search
}

/** `#ComputerSystem.Reset` of a resource: where it is posted to, and the values it names for a parameter. */
export const action = (body: unknown, name: string): { readonly target: string; readonly body: Json } | null => {
  const found = at(body, 'Actions', name) ?? at(body, 'Actions', 'Oem', name)
  const target = pathOf(str(found, 'target'))
  return isObject(found) && target !== null ? { target, body: found } : null
}
