import type { Outcome } from '../harness/outcome.ts'
import { type Answer, differences } from './answer.ts'
import { type Question, questionId, type Story } from './question.ts'
import { askSide, type Side } from './side.ts'

/** Asks both sides a story's questions in order, and tells for each whether they answered the same. */
export const runStory = async (theirs: Side, ours: Side, story: Story): Promise<Outcome[]> => {
  const outcomes: Outcome[] = []
  const [keptThere, keptHere] = [new Map<string, string>(), new Map<string, string>()]
  for (const question of story.questions) {
    const [one, other] = await Promise.all([askSide(theirs, story, question, keptThere), askSide(ours, story, question, keptHere)])
    const faults = unlike(one, other, question, story)
    const id = questionId(story, question)
    if (question.differs === undefined)
      outcomes.push(faults.length === 0 ? { id, result: 'passed' } : { id, result: 'failed', why: faults.slice(0, 12).join('\n') })
    else
      outcomes.push(
        faults.length > 0 ? { id, result: 'passed' } : { id, result: 'failed', why: 'It is said to differ, and does not: say so no more' },
      )
  }
  return outcomes
}

/** Where two answers are not the same. */
export const unlike = (theirs: Answer, ours: Answer, question: Question, story: Story): string[] => {
  if (theirs.status !== ours.status)
    return [`status: ${theirs.status}, ours ${ours.status}`, `theirs: ${short(theirs)}`, `ours: ${short(ours)}`]
  const [a, b] = question.unordered ? [sorted(theirs.body), sorted(ours.body)] : [theirs.body, ours.body]
  const skipped = Object.keys({ ...story.but, ...question.but })
  return [
    ...differences(theirs.headers, ours.headers, 'headers'),
    ...(ofFramework(theirs) ? [] : differences(a, b)).filter(fault => !skipped.some(path => inPath(fault, path))),
  ]
}

/** Where it knows no such path or method, the framework below theirs answers in its own way: with a page, or a bare message. */
const ofFramework = ({ status, body }: Answer): boolean =>
  status >= 400 && (body === 'string' || Object.keys(Object(body)).join() === 'message')

/** `nodes.*.extra` is each node's. */
const inPath = (fault: string, path: string): boolean => {
  const place = fault.slice(0, fault.indexOf(': ')).replace(/\[\d+\]/g, '.*')
  const parts = place.split('.')
  // What a list has is like what is shown alone.
  return [place, parts.slice(2).join('.')].some(each => each === path || each.startsWith(`${path}.`))
}

const sorted = (body: unknown): unknown => {
  if (Array.isArray(body)) return body.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (body !== null && typeof body === 'object')
    return Object.fromEntries(
      Object.entries(body)
        .map(([key, value]) => [key, sorted(value)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  return body
}

const short = ({ body, said }: Answer): string => said ?? JSON.stringify(body)?.slice(0, 300) ?? 'nothing'
