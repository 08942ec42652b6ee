import { UsageError } from './command.ts'

/** An error as a person reads it: what is wrong, what to do, and the request id to ask the operator with. */
export const explain = (error: unknown, debug: boolean): { text: string; status: number } => {
  if (!(error instanceof Error)) return { text: String(error), status: 1 }
  const trace = debug && error.stack ? `\n${error.stack}` : ''
  if (error instanceof UsageError) return { text: `${error.message}${trace}`, status: 2 }
  const about = error as { requestId?: string; status?: number }
  const id = about.requestId ? `\n(HTTP ${about.status}, ${about.requestId})` : about.status ? ` (HTTP ${about.status})` : ''
  return { text: `${error.message}${id}${trace}`, status: 1 }
}
