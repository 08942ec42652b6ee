import type { Session } from '@esi/client'
import { type Command, UsageError } from '../../command.ts'
import { type Job, sendClaims } from './claims.ts'
import { sessionAt } from './replica.ts'

/** One of the processes of `doctor --prove-calendar`: told what to do by the one that started it. */
export const command: Command = {
  brief: 'one of the processes that "doctor --prove-calendar" starts',
  async run(face) {
    if (!process.send) throw new UsageError('"esi doctor --prove-calendar" starts this command; it is of no use by itself.')
    const job = await heard<Job>()
    const first = await face.session()
    const sessions: Session[] = job.urls.length === 0 ? [first] : await Promise.all(job.urls.map(url => sessionAt(first.cloud, url)))
    // Logged in before the race begins.
    for (const session of sessions) await session.token()
    process.send({ ready: true })
    await heard()
    process.send({ claimed: await sendClaims(sessions, job) })
    process.disconnect()
    return undefined
  },
}

/** The next thing that the parent says; if the parent is gone there is nothing to do. */
const heard = <T>(): Promise<T> =>
  new Promise((resolve, reject) => {
    process.once('message', message => resolve(message as T))
    process.once('disconnect', () => reject(new Error('whoever started this is gone')))
  })
