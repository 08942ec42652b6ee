import 'reflect-metadata'
import { createHash, webcrypto } from 'node:crypto'
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'

export interface Certificate {
  readonly key: string
  readonly cert: string
  readonly sha256: string
}

/** One that signed itself, for the addresses given. */
export const certificate = async (addresses: readonly string[] = ['127.0.0.1']): Promise<Certificate> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=bmc',
      keys: keys as never,
      signingAlgorithm: algorithm,
      notBefore: new Date('2020-01-01'),
      notAfter: new Date('2099-01-01'),
      extensions: [
        new BasicConstraintsExtension(true),
        new SubjectAlternativeNameExtension(addresses.map(value => ({ type: 'ip' as const, value }))),
      ],
    },
    webcrypto as never,
  )
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    cert: made.toString('pem'),
    sha256: createHash('sha256').update(Buffer.from(made.rawData)).digest('hex'),
  }
}
