import { type Answer, insist } from './client.ts'
import type { Site } from './site.ts'
import { HOUR, soon } from './times.ts'

export interface Load {
  /** Leases that a client was told it has: 201. */
  readonly acknowledged: readonly string[]
  readonly offered: readonly string[]
  /** Answers that are neither that nor "not now": there must be none. */
  readonly wrong: readonly Answer[]
  /** So many more from now on, by whatever server runs. */
  more(count: number): Promise<void>
  /** Lets what is under way be answered, and ends. */
  stop(): Promise<void>
}

let things = 0

/**
 * Clients that offer things and claim them, one after the other, as our own client does: with a key for each request, and again while
 * it is not answered. Every second claim names no start, so that it begins at once.
 */
export const startLoad = (site: Site, clients = 8): Load => {
  const acknowledged: string[] = []
  const offered: string[] = []
  const wrong: Answer[] = []
  let stopped = false
  let heard = () => {}
  const post = async (who: 'owner' | 'lessee', path: string, body: object, into: string[]): Promise<string | undefined> => {
    const answer = await insist(site.people[who], () => site.servers, 'POST', path, body)
    if (answer.status === 201) into.push(answer.body.uuid)
    else wrong.push(answer)
    heard()
    return answer.body?.uuid
  }
  const client = async (): Promise<void> => {
    for (let i = 0; !stopped; i++) {
      const offer = { resource_type: 'test_node', resource_uuid: `load-${process.pid}-${++things}`, end_time: soon(100 * HOUR) }
      const uuid = await post('owner', '/lease/v1/offers', offer, offered)
      if (uuid === undefined) continue
      const begin = i % 2 ? { start_time: soon(HOUR) } : {}
      await post('lessee', `/lease/v1/offers/${uuid}/claim`, { ...begin, end_time: soon(2 * HOUR) }, acknowledged)
    }
  }
  const all = Promise.all(Array.from({ length: clients }, client))
  // Told by stop().
  all.catch(() => {})
  return {
    acknowledged,
    offered,
    wrong,
    async more(count) {
      const goal = acknowledged.length + count
      await Promise.race([
        all,
        new Promise<void>(resolve => {
          heard = () => {
            if (acknowledged.length >= goal) resolve()
          }
          heard()
        }),
      ])
    },
    async stop() {
      stopped = true
      await all
    },
  }
}
