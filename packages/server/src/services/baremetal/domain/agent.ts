/** States in which a ramdisk may run on a machine, and is told which node it is. */
export const LOOKUP: readonly string[] = [
  'deploying',
  'wait call-back',
  'cleaning',
  'clean wait',
  'inspecting',
  'inspect wait',
  'rescuing',
  'rescue wait',
  'servicing',
  'service wait',
]
