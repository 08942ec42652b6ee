import { setTimeout as sleep } from 'node:timers/promises'
import { filled, mismatch } from '../harness/match.ts'
import type { Outcome } from '../harness/outcome.ts'
import { type Row, rowId, type Story, words } from '../harness/row.ts'
import type { Skips } from '../harness/skips.ts'
import type { Answer, Client } from './client.ts'

const PATIENCE = 60_000

/** Runs a story's rows in order. A row that needs what a failed one should have kept fails with that reason. */
export const runStory = async (client: Client, story: Story, skips: Skips): Promise<Outcome[]> => {
  const kept = new Map<string, string>()
  const outcomes: Outcome[] = []
  for (const row of story.rows) {
    const id = rowId(story, row)
    const skipped = skips.get('openstack')?.get(id)
    if (skipped !== undefined) {
      outcomes.push({ id, result: 'skipped', why: skipped })
      continue
    }
    const why = await runRow(client, row, kept)
    outcomes.push(why === undefined ? { id, result: 'passed' } : { id, result: 'failed', why })
  }
  return outcomes
}

const asJson = (row: Row): boolean => row.shows !== undefined || row.columns !== undefined || row.keep !== undefined

const runRow = async (client: Client, row: Row, kept: Map<string, string>): Promise<string | undefined> => {
  try {
    const argv = ['--os-cloud', row.as, ...words(row.run).map(word => filled(word, kept)), ...(asJson(row) ? ['-f', 'json'] : [])]
    for (const end = Date.now() + PATIENCE; ; await sleep(200)) {
      const wrong = judge(row, await client.run(argv, row.refused !== undefined), kept)
      if (wrong === undefined || !row.until || Date.now() > end) return wrong
    }
  } catch (e) {
    return (e as Error).message
  }
}

/** What is wrong with an answer. What is to be kept of a right one is put into `kept`. */
export const judge = (row: Row, answer: Answer, kept: Map<string, string>): string | undefined => {
  if (row.refused) {
    if (answer.code === 0) return `it was done, and should have been refused:\n${answer.out}`
    return row.refused.test(answer.err) ? undefined : `refused, but not like ${row.refused}:\n${answer.err}`
  }
  if (answer.code !== 0) return `ended with ${answer.code}:\n${answer.err || answer.out}`
  if (row.prints && !row.prints.test(answer.out)) return `printed, but not like ${row.prints}:\n${answer.out}`
  if (!asJson(row)) return row.prints || answer.out.trim() === '' ? undefined : `nothing was expected to be printed:\n${answer.out}`
  let shown: any
  try {
    shown = JSON.parse(answer.out)
  } catch {
    return `printed no JSON:\n${answer.out}`
  }
  if (row.columns) {
    const columns = Object.keys(Array.isArray(shown) ? (shown[0] ?? {}) : shown)
    if (columns.join() !== row.columns.join()) return `its columns are ${columns.join(', ') || 'not seen, since it is empty'}`
  }
  const wrong = row.shows === undefined ? undefined : mismatch(row.shows, shown, kept)
  if (wrong !== undefined) return wrong
  for (const [name, field] of Object.entries(row.keep ?? {})) {
    const value = shown[field]
    if (value === undefined) return `has no ${field} to keep: ${answer.out}`
    kept.set(name, String(value))
  }
  return undefined
}
