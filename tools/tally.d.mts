interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly string[]
}
export function tally(report: Report | undefined, ended: boolean): Tally
export function verdict(steps: readonly boolean[], tests: Tally, strict: boolean): { readonly line: string; readonly code: number }
