import type { Progress } from '../driver.ts'
import { isObject, list, num, pathOf, str } from './resource.ts'
import type { Answer } from './said.ts'
import { parse } from './session.ts'

type State = { readonly is: 'running' } | { readonly is: 'done' } | { readonly is: 'failed'; readonly why: string }

// TaskState of the Task schema, and what iDRAC calls a job that waits for the machine's next start.
const FAILED = /^(Exception|Killed|Cancelled|Cancelling)$/
const DONE = /^Completed$/
const PENDING = /^(New|Pending|Starting|Scheduled|Suspended)$/

/** Where to ask how an accepted request goes (DSP0266, "Asynchronous operations"). */
export const monitorOf = (answer: Answer): string | null => {
  const location = answer.headers.location
  const task = parse(answer.text)
  return pathOf(typeof location === 'string' ? location : null) ?? pathOf(str(task, 'TaskMonitor')) ?? pathOf(str(task, '@odata.id'))
}

/** What an answer of the monitor means. `polls` counts how often it has been asked; `pending`: waiting for the next start is fine. */
export const finished = (answer: Answer, polls: number, pending: boolean): State => {
  const body = parse(answer.text)
  const state = str(body, 'TaskState')
  const isTask = state !== null && (str(body, '@odata.type') ?? '#Task.').startsWith('#Task.')
  if (isTask && FAILED.test(state)) return { is: 'failed', why: messages(body) }
  if (isTask && DONE.test(state))
    return /^Critical$/.test(str(body, 'TaskStatus') ?? '') ? { is: 'failed', why: messages(body) } : { is: 'done' }
  if (isTask) return pending && PENDING.test(state) ? { is: 'done' } : { is: 'running' }
  if (answer.status === 202) return { is: 'running' }
  if (answer.status < 300) return { is: 'done' }
  // A monitor is gone once the task is over and its result was fetched, or ran out; reading back is the caller's.
  if ((answer.status === 404 || answer.status === 410) && polls > 0) return { is: 'done' }
  if (answer.status >= 500 || answer.status === 429) return { is: 'running' }
  return { is: 'failed', why: messages(body) }
}

/** The same for somebody who comes back now and then, maybe after the BMC has restarted. */
export const progressOf = (answer: Answer): Progress => {
  const body = parse(answer.text)
  const state = str(body, 'TaskState')
  const percent = num(body, 'PercentComplete')
  if (answer.status === 404 || answer.status === 410) return { is: 'forgotten' }
  if (state !== null && PENDING.test(state) && state !== 'Starting' && state !== 'New') return { is: 'needs start' }
  const now = finished(answer, 0, false)
  return now.is === 'running' ? { is: 'running', percent } : now
}

const messages = (body: unknown): string =>
  [...list(body, 'Messages'), ...list(body, 'error', '@Message.ExtendedInfo')]
    .filter(isObject)
    .map(message => str(message, 'Message'))
    .filter(text => text !== null)
    .join(' ')
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .slice(0, 300)
