// Loaded before a server: the clock of its machine is wrong by SKEW_MS. Timers and the clock that never jumps are right, as on a
// machine whose time was set by hand.
const skew = Number(process.env['SKEW_MS'])
const Right = Date

class Wrong extends Right {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(Right.now() + skew)
    else super(...(given as [number]))
  }
  static override now(): number {
    return Right.now() + skew
  }
}
globalThis.Date = Wrong as DateConstructor
