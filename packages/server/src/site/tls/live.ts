import { stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Clock } from '../../kit/clock/clock.ts'
import type { Database } from '../../kit/db/transaction.ts'
import type { Log } from '../../kit/log/log.ts'
import { moment, type Pair, type PairFiles, readPair, untimely } from './pair.ts'

export const TAKEN = 'site.certificate.taken'
export const REFUSED = 'site.certificate.refused'

/** The certificate that the server shows, following its files. */
export interface LiveCertificate {
  readonly pair: Pair
  /** Pairs that were taken and refused since the start. */
  readonly counts: Readonly<Record<Judgement, number>>
  /** What is in the files and was refused; undefined while the files have what is shown. */
  readonly fault: string | undefined
  /** From here on what is taken is shown; connections that are open go on with what they have. */
  follow(server: { setSecureContext(pair: { cert: string; key: string }): void }): void
  /** Looks at once, without waiting until the files are quiet. */
  look(): Promise<Judgement | 'unchanged'>
  stop(): Promise<void>
}

export type Judgement = 'taken' | 'refused'

export interface LiveOptions {
  readonly files: PairFiles
  readonly clock: Clock
  readonly log: Log
  readonly database: Pick<Database, 'transaction'>
  /** Milliseconds between two looks at the files. */
  readonly pace?: number
}

// What is due within that many days is warned about, once a day.
const SOON = 14
const DAY = 24 * 60 * 60 * 1000
// A pair that was refused may become good without a change: it was not valid yet.
const AGAIN = 60_000

/**
 * Reads the pair, and looks after its files twice a second by name, so that a renamed file, a link that was turned and a mounted
 * secret are all seen. Both files must have been quiet for one look: whoever renews replaces one after the other. Throws at the start
 * if the pair cannot be used; one that is only out of date is shown, because machines need their server more than clients do.
 */
export const liveCertificate = (o: LiveOptions): LiveCertificate => {
  const { files, clock, log } = o
  let pair = readPair(files)
  let fault = untimely(pair, files, clock.millis())
  if (fault) log.error({ certificate: files.certificate }, fault)
  const counts = { taken: 0, refused: 0 }
  let server: Parameters<LiveCertificate['follow']>[0] | undefined
  // Nothing yet: what changed between the reading and the first look is seen, too.
  let judged = ''
  let seen: string | undefined
  let warned = Number.NEGATIVE_INFINITY
  let again = Number.POSITIVE_INFINITY

  const tell = async (type: string, data: Record<string, unknown>): Promise<void> => {
    try {
      await o.database.transaction({ at: clock.now(), by: {} }, async tx =>
        tx.emit('site', {
          type,
          object: { type: 'certificate', id: files.certificate },
          projects: [],
          data: { host: hostname(), ...data },
        }),
      )
    } catch (e) {
      log.warn({ err: e }, 'an event about the certificate could not be written')
    }
  }

  const refuse = async (why: string): Promise<Judgement> => {
    again = clock.millis() + AGAIN
    if (why === fault) return 'refused'
    fault = why
    counts.refused++
    log.error(
      { certificate: files.certificate, shown: pair.fingerprint, until: moment(pair.until) },
      `${why} The one before is shown still.`,
    )
    await tell(REFUSED, { why, shown: pair.fingerprint })
    return 'refused'
  }

  const judge = async (): Promise<Judgement | 'unchanged'> => {
    again = Number.POSITIVE_INFINITY
    let next: Pair
    try {
      next = readPair(files)
    } catch (e) {
      return refuse((e as Error).message)
    }
    if (next.cert === pair.cert && next.key === pair.key) {
      fault = untimely(pair, files, clock.millis())
      return 'unchanged'
    }
    const why = untimely(next, files, clock.millis())
    if (why !== undefined) return refuse(why)
    const before = pair.fingerprint
    server?.setSecureContext({ cert: next.cert, key: next.key })
    pair = next
    fault = undefined
    warned = Number.NEGATIVE_INFINITY
    counts.taken++
    log.info({ certificate: files.certificate, subject: pair.subject, until: moment(pair.until) }, 'a new certificate is shown')
    await tell(TAKEN, { subject: pair.subject, names: pair.names, until: moment(pair.until), shown: pair.fingerprint, before })
    return 'taken'
  }

  const warn = () => {
    const now = clock.millis()
    if (pair.until - now > SOON * DAY || now - warned < DAY) return
    warned = now
    const left = Math.floor((pair.until - now) / DAY)
    const how = left < 0 ? 'has expired' : `expires in ${left} days`
    log.warn({ certificate: files.certificate, until: moment(pair.until) }, `the certificate ${how}; put a new one in its place`)
  }

  // One look at a time: a slow disk must not make two judgements of one change.
  let looking: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = looking.then(work)
    looking = next.catch(() => {})
    return next
  }

  const tick = async (): Promise<void> => {
    const now = await stamp(files)
    const quiet = now === seen
    seen = now
    warn()
    if (quiet && (now !== judged || clock.millis() >= again)) {
      judged = now
      await judge()
    }
  }

  let idle = true
  const timer = setInterval(() => {
    if (!idle) return
    idle = false
    void inTurn(tick)
      .catch(e => log.error({ err: e }, 'the certificate could not be looked after'))
      .finally(() => {
        idle = true
      })
  }, o.pace ?? 500)
  timer.unref()

  return {
    get pair() {
      return pair
    },
    counts,
    get fault() {
      return fault
    },
    follow(given) {
      server = given
      server.setSecureContext({ cert: pair.cert, key: pair.key })
    },
    look: () =>
      inTurn(async () => {
        judged = await stamp(files)
        return judge()
      }),
    async stop() {
      clearInterval(timer)
      await looking
    },
  }
}

/** Changes whenever a name leads to something else. */
const stamp = async ({ certificate, key }: PairFiles): Promise<string> =>
  (
    await Promise.all(
      [certificate, key].map(async file => {
        try {
          const at = await stat(file, { bigint: true })
          return `${at.dev} ${at.ino} ${at.size} ${at.mtimeNs} ${at.ctimeNs}`
        } catch (e) {
          return String((e as NodeJS.ErrnoException).code)
        }
      }),
    )
  ).join('; ')
