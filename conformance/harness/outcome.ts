/** What became of one case of a suite. */
export interface Outcome {
  readonly id: string
  readonly result: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped. */
  readonly why?: string
}

export interface SuiteResult {
  readonly suite: string
  readonly outcomes: readonly Outcome[]
}

const count = (outcomes: readonly Outcome[], result: Outcome['result']): number => outcomes.filter(o => o.result === result).length

/** `suite passed failed skipped`, then each failure with its reason, and with `all` what was skipped, too. */
export const report = ({ suite, outcomes }: SuiteResult, all = false): string =>
  [
    `${suite} ${count(outcomes, 'passed')} passed ${count(outcomes, 'failed')} failed ${count(outcomes, 'skipped')} skipped`,
    ...outcomes
      .filter(o => o.result === 'failed' || (all && o.result === 'skipped'))
      .map(o => `  ${o.id}${o.result === 'skipped' ? ' (skipped)' : ''}\n    ${(o.why ?? '').replaceAll('\n', '\n    ')}`),
  ].join('\n')
