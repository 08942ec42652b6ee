/** The words in which an API is declared: shape and names only. No rule text, no SQL, no behaviour, no I/O. */
import type { Type } from './types.ts'

/** The minor of a microversion: 65 is 1.65. Services without microversions leave it at 0. */
export type Version = number

/** What a caller who may not read a field sees instead of it: nothing, a fixed text, the object with some keys masked, or what `by` leaves of it. */
export type Hidden =
  | 'absent'
  | { readonly as: unknown }
  | { readonly mask: readonly string[] }
  | { readonly by: (value: unknown) => unknown }

export interface FieldSpec<T = any> {
  readonly type: Type<T>
  /** First version that knows the field. */
  readonly since?: Version
  readonly on: { readonly create: boolean; readonly update: boolean }
  readonly required?: boolean
  readonly default?: T | null
  readonly nullable?: boolean
  /** May be asked for in a list; a number is the first version in which it may. */
  readonly filter?: boolean | Version
  readonly sort?: boolean
  /** Who may read it, and what everybody else sees. */
  readonly read?: { readonly policy: string; readonly hidden: Hidden }
  /** Who may write it. Several fields may name one policy; `when` narrows it to some values. */
  readonly write?: { readonly policy: string; readonly when?: (value: unknown) => boolean }
  /** The value as a client of an older version knows it. */
  readonly wire?: (value: any, version: Version) => unknown
  /** From this version on `wire` gives a value as it is. */
  readonly wireUntil?: Version
  /** No column: worked out by the resource's `compute` hook. */
  readonly computed?: boolean
  /** Never in events or logs; only that it changed is told. */
  readonly secret?: boolean
  readonly doc?: string
}

export type Fields = Readonly<Record<string, FieldSpec>>

/** A whole row, typed by the table. */
export type Row<F extends Fields> = {
  [K in keyof F]: F[K]['type'] extends Type<infer T> ? (F[K]['nullable'] extends true ? T | null : T) : never
}

export type Verb = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface ResourcePolicies {
  /** May list what is its project's. */
  readonly list: string
  /** May list everybody's. Absent: the same rule decides, asked without a target. */
  readonly listAll?: string
  readonly show: string
  /** Another answer to "may show": the original's `node:get` is asked per row, with its owner and lessee as target. */
  readonly create?: string
  readonly update?: string
  readonly delete?: string
}

export interface Resource<F extends Fields = Fields> {
  readonly service: string
  /** Singular, as in error texts and envelopes: `node`. */
  readonly name: string
  readonly plural: string
  /** Where it lives, without the service's prefix: `/v1/nodes`. */
  readonly path: string
  /** The field that is the identifier: `uuid` or `id`. */
  readonly id: keyof F & string
  /** The name field, if a row can be addressed by name. */
  readonly alias?: keyof F & string
  readonly fields: F
  /** Fields of a list item when the client does not choose. Absent: all. */
  readonly brief?: readonly (keyof F & string)[]
  /** Fields that are shown whatever the client chooses. */
  readonly always?: readonly (keyof F & string)[]
  /** Has `GET <path>/detail`. */
  readonly detail?: boolean
  readonly policy: ResourcePolicies
  /**
   * Columns that tie a row to a project, by the name that policy rules know them under: `{ owner: 'owner' }` gives `%(node.owner)s`.
   * A field, or an `inner` expression of the store's view where another row is what ties it.
   */
  readonly relations: Readonly<Record<string, string>>
  /** The column that a create fills with the caller's project when it is left out. */
  readonly tenant?: keyof F & string
  /** Takes fields that it does not know (Keystone's `extra`). */
  readonly additional?: boolean
  /** Query parameters of the list that are no field; the store's view gives them their meaning. */
  readonly queries?: Readonly<Record<string, { readonly type: Type<any>; readonly since?: Version; readonly doc?: string }>>
  /** Query parameters that are accepted and mean nothing here. */
  readonly ignored?: readonly string[]
  /** What CLI and UI show: the columns of a list, and those that `--long` adds. */
  readonly columns: { readonly list: readonly (keyof F & string)[]; readonly long?: readonly (keyof F & string)[] }
  readonly since?: Version
  readonly doc?: string
}

/** Any resource, for code that knows no field by name. */
export type AnyResource = Omit<Resource<any>, 'fields' | 'brief' | 'always' | 'relations' | 'columns' | 'id' | 'alias' | 'tenant'> & {
  readonly id: string
  readonly alias?: string
  readonly tenant?: string
  readonly fields: Fields
  readonly brief?: readonly string[]
  readonly always?: readonly string[]
  readonly relations: Readonly<Record<string, string>>
  readonly columns: { readonly list: readonly string[]; readonly long?: readonly string[] }
}

export const resource = <const F extends Fields>(r: Resource<F>): Resource<F> => r

type Options<T> = Omit<FieldSpec<T>, 'type' | 'on'>

/** Set by the server only. */
export const ro = <T, const O extends Options<T> = {}>(type: Type<T>, o?: O) =>
  ({ type, on: { create: false, update: false }, ...(o as O) }) as const
/** Set at creation, then fixed. */
export const once = <T, const O extends Options<T> = {}>(type: Type<T>, o?: O) =>
  ({ type, on: { create: true, update: false }, ...(o as O) }) as const
/** Set and changed by clients. */
export const rw = <T, const O extends Options<T> = {}>(type: Type<T>, o?: O) =>
  ({ type, on: { create: true, update: true }, ...(o as O) }) as const

export interface BodyField {
  readonly type: Type<any>
  readonly required?: boolean
  readonly nullable?: boolean
  readonly since?: Version
  readonly doc?: string
}
export type Body = Readonly<Record<string, BodyField>>

/** What a declared body gives its handler: required fields are there, the others may be absent. */
export type BodyOf<B extends Body> = {
  [K in keyof B as B[K]['required'] extends true ? K : never]: Value<B[K]>
} & { [K in keyof B as B[K]['required'] extends true ? never : K]?: Value<B[K]> }
type Value<F extends BodyField> = F['type'] extends Type<infer T> ? (F['nullable'] extends true ? T | null : T) : never

/**
 * A route that is not plain create, list, show, change, delete: an action, a singleton, a sub-collection, a document.
 * Declared like a field; only what it does is code.
 */
export interface RouteSpec {
  /** Unique within the service; the authorization matrix and the audit trail call it so: `node.power.set`. */
  readonly name: string
  readonly method: Verb
  /** Without the service's prefix; parameters as `:node`. */
  readonly path: string
  readonly since?: Version
  /** How it hides from older clients; the original is not uniform. Default: `version`. */
  readonly below?: 'missing' | 'version'
  /** The rules it may ask. None, and not `open`: any valid token. */
  readonly policies?: readonly string[]
  /** Needs no token. */
  readonly open?: boolean
  readonly body?: Body
  /** Takes keys the body does not declare. */
  readonly additional?: boolean
  /** The body is handed on as a stream, of at most `bodyLimit` bytes. */
  readonly stream?: boolean
  /** The body is no JSON: it is handed on as text. */
  readonly text?: boolean
  readonly bodyLimit?: number
  readonly query?: Body
  readonly status: number
  /** Answered by the hardware, through the node's conductor, within 30 s. */
  readonly hardware?: boolean
  readonly doc?: string
}

export const route = <const S extends RouteSpec>(spec: S): S => spec
