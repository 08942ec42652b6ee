import type { FastifyInstance } from 'fastify'
import type { Log } from '../kit/log/log.ts'

/** Says that nothing of what is asked is being done. */
const WARNING = 'ESI-Warning'
const WORDS = 'No conductor is running: what is asked is written down, and done once one is.'

/** Milliseconds for which one look is good: a busy server looks no oftener. */
const GOOD_FOR = 2000

/**
 * In a process that only answers requests: whoever is let in is told when nobody conducts. Requests are accepted all the same, as what they
 * ask for is not lost.
 */
export const tellUnconducted = (app: FastifyInstance, living: () => Promise<number>, log: Log): void => {
  let looked: { at: number; answer: Promise<boolean> } | undefined
  const unconducted = (): Promise<boolean> => {
    const now = performance.now()
    if (!looked || now - looked.at > GOOD_FOR) {
      const answer = living().then(
        n => n === 0,
        error => {
          log.warn({ err: error }, 'it could not be seen whether anybody conducts')
          return false
        },
      )
      looked = { at: now, answer }
    }
    return looked.answer
  }
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.headers['x-auth-token'] !== undefined && reply.statusCode < 400 && (await unconducted())) reply.header(WARNING, WORDS)
    return payload
  })
}
