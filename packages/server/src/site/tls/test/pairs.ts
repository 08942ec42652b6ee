import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'

export interface Made {
  readonly cert: string
  readonly key: string
}

const DAY = 24 * 60 * 60 * 1000

/** A certificate that signed itself, valid from so many days ago until so many days from now. */
export const makePair = async (name: string, { since = 1, days = 90 } = {}): Promise<Made> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      keys: keys as never,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - since * DAY),
      notAfter: new Date(Date.now() + days * DAY),
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
    },
    webcrypto as never,
  )
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return { cert: made.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` }
}

/** As those do it who renew: whole under another name, then renamed. */
export const put = (file: string, text: string): void => {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
