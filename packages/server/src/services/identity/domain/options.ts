type Options = Readonly<Record<string, unknown>>

/** Options as they are after a change: what is set to null goes. */
export const mergeOptions = (current: Options, given: Options): Record<string, unknown> =>
  Object.fromEntries(Object.entries({ ...current, ...given }).filter(([, value]) => value !== null))

/** Whether a thing may be changed: one that is immutable only by lifting just that. */
export const mayChange = (current: Options, given: Options | undefined): boolean =>
  current['immutable'] !== true || (given !== undefined && 'immutable' in given && given['immutable'] !== true)
