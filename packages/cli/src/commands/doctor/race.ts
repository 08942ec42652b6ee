import { type ChildProcess, fork } from 'node:child_process'
import type { Claimed, Job } from './claims.ts'

/** Runs so many claimants, lets them go at the same moment, and gives all answers with the time that the race took. */
export const race = async (
  cloud: string,
  job: Omit<Job, 'claims'>,
  counts: readonly number[],
  environment: NodeJS.ProcessEnv,
): Promise<{ claimed: Claimed[]; millis: number }> => {
  const runners = counts.map(claims => start(cloud, { ...job, claims }, environment))
  try {
    await Promise.all(runners.map(r => r.ready))
    const from = performance.now()
    for (const { child } of runners) child.send({ go: true })
    const claimed = (await Promise.all(runners.map(r => r.done))).flat()
    return { claimed, millis: performance.now() - from }
  } finally {
    for (const { child } of runners) if (child.exitCode === null) child.kill()
  }
}

/** This very program, as a claimant. */
const start = (
  cloud: string,
  job: Job,
  environment: NodeJS.ProcessEnv,
): { child: ChildProcess; ready: Promise<void>; done: Promise<Claimed[]> } => {
  const child = fork(process.argv[1]!, ['doctor', 'claimant', '--os-cloud', cloud], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [ready, done] = [Promise.withResolvers<void>(), Promise.withResolvers<Claimed[]>()]
  const fail = (why: string) => {
    ready.reject(new Error(why))
    done.reject(new Error(why))
  }
  // Whoever waits for the first of them need not have looked at the second.
  done.promise.catch(() => {})
  child.on('message', (message: { ready?: true; claimed?: Claimed[] }) => {
    if (message.ready) ready.resolve()
    if (message.claimed) done.resolve(message.claimed)
  })
  child.on('error', e => fail(`A claimant could not be started: ${e.message}`))
  child.on('exit', code => fail(`A claimant ended early (${code ?? 'killed'}).`))
  child.send(job)
  return { child, ready: ready.promise, done: done.promise }
}
