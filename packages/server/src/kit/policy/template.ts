import type { Target } from './types.ts'

/** The right side of a check: fixed text, with values of the target between: `%(node.owner)s`. */
export type Template = readonly (string | { readonly ref: string })[]

/** Reads a template; throws what is wrong with it as a plain sentence. */
export const template = (source: string): Template => {
  const parts: (string | { ref: string })[] = []
  let fixed = ''
  for (let at = 0; at < source.length; ) {
    const percent = source.indexOf('%', at)
    if (percent < 0) {
      fixed += source.slice(at)
      break
    }
    fixed += source.slice(at, percent)
    const rest = source.slice(percent)
    const ref = /^%\(([^()]+)\)s/.exec(rest)
    if (ref) {
      if (fixed) parts.push(fixed)
      fixed = ''
      parts.push({ ref: ref[1]! })
      at = percent + ref[0].length
    } else if (rest.startsWith('%%')) {
      fixed += '%'
      at = percent + 2
    } else throw new Error(`"${rest}" is no value of the target; write %(name)s, or %% for a percent sign`)
  }
  if (fixed || !parts.length) parts.push(fixed)
  return parts
}

/** A value as rules compare it, in Python's spelling. Lists and objects have none and equal nothing. */
export const spelled = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return value === null ? 'None' : undefined
}

const own = (object: unknown, key: string): unknown =>
  typeof object === 'object' && object !== null && Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined

/** An attribute of the target: by its flat key, else along nested objects, whose keys may themselves have dots. */
export const lookup = (target: unknown, name: string): unknown => {
  const flat = own(target, name)
  if (flat !== undefined) return flat
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const inner = own(target, name.slice(0, dot))
    if (inner === undefined) continue
    const found = lookup(inner, name.slice(dot + 1))
    if (found !== undefined) return found
  }
  return undefined
}

export type Fill = (target: Target) => string | undefined

/**
 * Compiles a template. It gives `undefined` when the target lacks a value, so that nothing can equal it. `nulls` tells whether a
 * value that is null is spelled `None`: only a literal on the left may match that, or no owner would equal no project.
 */
export const filler = (parts: Template, nulls: boolean): Fill => {
  const value = (target: Target, name: string): string | undefined => {
    const found = lookup(target, name)
    return found === null && !nulls ? undefined : spelled(found)
  }
  const only = parts.length === 1 ? parts[0]! : undefined
  if (typeof only === 'string') return () => only
  if (only) return target => value(target, only.ref)
  return target => {
    let text = ''
    for (const part of parts) {
      const piece = typeof part === 'string' ? part : value(target, part.ref)
      if (piece === undefined) return undefined
      text += piece
    }
    return text
  }
}

export const refs = (parts: Template): string[] => parts.flatMap(part => (typeof part === 'string' ? [] : [part.ref]))
