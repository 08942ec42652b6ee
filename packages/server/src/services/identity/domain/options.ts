type Options = Readonly<Record<string, unknown>>

/** Options as they are after a change: what is set to null goes. */
export const mergeOptions = (current: Options, given: Options): Record<string, unknown> =>
  Object.fromEntries(Object.entries({ ...current, ...given }).filter(([, value]) => value !== null))

/** Whether a thing may be changed in that way, or deleted: one that is immutable only by lifting just that. */
export const mayChange = (current: Options, values: Options | undefined): boolean => {
  if (current['immutable'] !== true) return true
  if (values === undefined || Object.keys(values).some(name => name !== 'options')) return false
  const given = values['options'] as Options | undefined
  return given !== undefined && 'immutable' in given && given['immutable'] !== true
}
