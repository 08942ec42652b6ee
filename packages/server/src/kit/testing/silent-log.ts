import type { Log } from '../log/log.ts'

/** For tests that make errors on purpose. */
export const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silent,
}
