/** What a path is, for all rules. */

/** Tests, and what exists for tests only. */
export const isTest = (path: string): boolean => /\.test\.tsx?$|\/(test|testing|contracts)\/|\/contract\.ts$/.test(path)

const within = (pattern: RegExp) => (path: string) => pattern.exec(path)?.[1]

/** `api`, `server` …; undefined for tools and the like. */
export const packageOf = within(/^packages\/([^/]+)\//)
export const serviceOf = within(/^packages\/server\/src\/services\/([^/]+)\//)
/** The rooms of the server: `kit`, `services`, `seams`, `drivers`; a file of `src/` itself is in `main`. */
export const roomOf = (path: string): string | undefined =>
  /^packages\/server\/src\/([^/]+)\//.exec(path)?.[1] ?? (/^packages\/server\/(src|bin)\/[^/]+$/.test(path) ? 'main' : undefined)
export const kitOf = within(/^packages\/server\/src\/kit\/([^/]+)\/./)

export const isDoor = (path: string): boolean => /^packages\/server\/src\/services\/[^/]+\/(index|needs)\.ts$/.test(path)
export const isDriverInterface = (path: string): boolean => /^packages\/server\/src\/drivers\/[^/]+\/driver\.ts$/.test(path)
export const isDomain = (path: string): boolean => /^packages\/server\/src\/services\/[^/]+\/domain\//.test(path)

/** Files of the kit that hold what everybody must be able to name; imported for their types, they stand outside of its order. */
export const isShared = (path: string): boolean =>
  /^packages\/server\/src\/kit\/(.*\/)?(types|service|route|conductor|transaction|event|caller|log|clock)\.ts$/.test(path)

/** Where SQL may be written. */
export const mayHoldSql = (path: string): boolean =>
  /^packages\/server\/src\/(services\/[^/]+\/store\/|kit\/(db|events|work|hold)\/)/.test(path)
export const isStore = (path: string): boolean => /^packages\/server\/src\/services\/[^/]+\/store\//.test(path)
