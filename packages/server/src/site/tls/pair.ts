import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

export interface PairFiles {
  readonly certificate: string
  readonly key: string
}

/** A certificate with its key, found to belong together. */
export interface Pair {
  readonly cert: string
  readonly key: string
  /** Of the certificate itself, SHA-256, as `openssl x509 -fingerprint -sha256` says it. */
  readonly fingerprint: string
  readonly subject: string
  /** Names that it is good for. */
  readonly names: readonly string[]
  /** When all certificates of the chain are valid, in milliseconds since 1970. */
  readonly from: number
  readonly until: number
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Reads both files. Throws a sentence that names the file if they cannot be used together, whatever the time. */
export const readPair = (files: PairFiles): Pair => {
  const cert = read(files.certificate)
  const key = read(files.key)
  const [own, ...above] = certificates(cert, files.certificate)
  const mine = privateKey(key, files.key)
  if (!own!.checkPrivateKey(mine))
    throw new Error(`The key in ${files.key} does not belong to the certificate in ${files.certificate} (${named(own!)}).`)
  try {
    createSecureContext({ cert, key })
  } catch (e) {
    throw new Error(`TLS cannot be spoken with ${files.certificate} and ${files.key}: ${(e as Error).message}.`)
  }
  const chain = [own!, ...above]
  return {
    cert,
    key,
    fingerprint: own!.fingerprint256,
    subject: named(own!),
    names: (own!.subjectAltName ?? '').split(', ').flatMap(name => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? []),
    from: Math.max(...chain.map(c => c.validFromDate.getTime())),
    until: Math.min(...chain.map(c => c.validToDate.getTime())),
  }
}

/** Why it is not good at that time; undefined if it is. */
export const untimely = ({ from, until }: Pair, files: PairFiles, now: number): string | undefined => {
  if (now < from) return `The certificate in ${files.certificate} is not valid before ${moment(from)}.`
  if (now >= until) return `The certificate in ${files.certificate} expired at ${moment(until)}.`
  return undefined
}

/** To the second, as certificates have it. */
export const moment = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (e) {
    throw new Error(`${file} cannot be read: ${(e as Error).message}.`)
  }
}

const certificates = (text: string, file: string): readonly X509Certificate[] => {
  const blocks = text.match(BLOCK)
  if (!blocks) throw new Error(`${file} has no certificate; it must be PEM, with the chain after the server's own.`)
  return blocks.map((block, i) => {
    try {
      return new X509Certificate(block)
    } catch {
      throw new Error(`${file}: certificate ${i + 1} of ${blocks.length} is damaged.`)
    }
  })
}

const privateKey = (text: string, file: string) => {
  if (/ENCRYPTED/.test(text))
    throw new Error(`The key in ${file} needs a passphrase; the server cannot type one. Keep it without, mode 600.`)
  try {
    return createPrivateKey(text)
  } catch {
    throw new Error(`${file} has no private key; it must be PEM.`)
  }
}

const named = (certificate: X509Certificate): string => certificate.subject.split('\n').join(', ') || 'without a subject'
