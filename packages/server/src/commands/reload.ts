import { setTimeout as sleep } from 'node:timers/promises'
import { address, tlsFiles } from '../site/address.ts'
import { givenSite, SITE_HELP, SITE_OPTIONS } from '../site/given.ts'
import { moment, readPair, untimely } from '../site/tls/pair.ts'
import { type Shown, shownAt } from '../site/tls/shown.ts'
import { options } from '../usage.ts'

const HELP = `Usage: esi-server reload [--dry-run] --config FILE

Checks the certificate and key that the configuration names: that they can be read, belong together, and are valid now. Then waits until
the server on this machine shows them. It does so by itself within two seconds after the files have changed; connections that are open go
on. A pair that is refused changes nothing, and the one before is shown still.

  --dry-run  only checks, and says what would change
${SITE_HELP}`

/** Milliseconds within which a server has looked several times. */
const PATIENCE = 10_000

/** `esi-server reload`. */
export const reload = async (words: readonly string[]): Promise<number> => {
  const given = options(words, { ...SITE_OPTIONS, 'dry-run': { type: 'boolean' } })
  if (given.help) {
    process.stdout.write(HELP)
    return 0
  }
  const { config } = givenSite(given)
  const files = tlsFiles(config.tls)
  if (!files) throw new Error('This site speaks HTTP: its configuration names no tls.certificate. The policy file is followed by itself.')
  const pair = readPair(files)
  const why = untimely(pair, files, Date.now())
  if (why !== undefined) throw new Error(why)
  const [host, port] = address(config.listen)
  const at = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const look = () => shownAt(at, port, pair.names[0])
  const there = `The server at ${config.listen}`
  const fresh = `${pair.subject}, until ${moment(pair.until)}`
  say(`${files.certificate} is good: ${fresh}.`)
  let shown = await look()
  if (!shown) return say(`No server answers at ${config.listen}; it will show this when it is started.`)
  if (shown.fingerprint === pair.fingerprint) return say(`${there} shows it already.`)
  if (given['dry-run']) return say(`${there} shows ${described(shown)}; it would show the new one.`)
  const before = shown
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(200)) {
    shown = await look()
    if (shown?.fingerprint === pair.fingerprint) return say(`${there} shows it now; before: ${described(before)}.`)
  }
  throw new Error(`${there} shows ${described(before)} still. Does it run with this configuration? Its log says why it refuses a pair.`)
}

const described = ({ subject, until }: Shown): string => `${subject}, until ${moment(until)}`

const say = (text: string): number => {
  process.stdout.write(`${text}\n`)
  return 0
}
