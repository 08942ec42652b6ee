/** The error of a call that was given up, whatever reason its signal was aborted with. */
export const abortError = (signal: AbortSignal): Error => {
  const { reason } = signal
  if (reason instanceof Error && reason.name === 'AbortError') return reason
  return Object.assign(new Error('The call was given up.', { cause: reason }), { name: 'AbortError' })
}
