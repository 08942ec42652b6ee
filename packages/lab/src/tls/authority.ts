import { KeyObject, type webcrypto } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { privateFolder, writeWhole } from '../files.ts'

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNED = { name: 'ECDSA', hash: 'SHA-256' } as const
const DAY = 86_400_000

export interface Leaf {
  readonly cert: string
  readonly key: string
}

/** The lab's own certificate authority. Key and certificates are in the lab's folder and survive a restart, so that pins hold. */
export class Authority {
  /** The authority's certificate, PEM. */
  readonly pem: string
  private readonly cert: x509.X509Certificate
  private readonly signing: webcrypto.CryptoKey
  private readonly leafKeys: webcrypto.CryptoKeyPair
  private readonly leafKeyPem: string
  private readonly folder: string

  private constructor(folder: string, pem: string, signing: webcrypto.CryptoKey, leafKeys: webcrypto.CryptoKeyPair) {
    this.folder = folder
    this.pem = pem
    this.cert = new x509.X509Certificate(pem)
    this.signing = signing
    this.leafKeys = leafKeys
    this.leafKeyPem = pkcs8(leafKeys.privateKey)
  }

  static async open(folder: string): Promise<Authority> {
    privateFolder(folder)
    const files = { cert: join(folder, 'ca.pem'), key: join(folder, 'ca.key'), leaf: join(folder, 'bmc.key') }
    if (!existsSync(files.cert)) {
      const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
      const leaf = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
      const cert = await x509.X509CertificateGenerator.createSelfSigned({
        serialNumber: serial(),
        name: 'CN=ESI lab',
        notBefore: new Date(Date.now() - DAY),
        notAfter: new Date(Date.now() + 3650 * DAY),
        signingAlgorithm: SIGNED,
        keys,
        extensions: [
          new x509.BasicConstraintsExtension(true, 0, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
      })
      writeWhole(files.key, pkcs8(keys.privateKey))
      writeWhole(files.leaf, pkcs8(leaf.privateKey))
      // Last, because its presence says that the others are there.
      writeWhole(files.cert, cert.toString('pem'), 0o644)
    }
    const signing = (await pair(readFileSync(files.key, 'utf8'))).privateKey
    const leafKeys = await pair(readFileSync(files.leaf, 'utf8'))
    return new Authority(folder, readFileSync(files.cert, 'utf8'), signing, leafKeys)
  }

  /**
   * The certificate of one address. `generation` counts how often it was replaced: from the second on it has a key of its own and
   * is signed by itself, as a BMC does after its settings were lost.
   */
  async leaf(address: string, generation: number): Promise<Leaf> {
    const file = join(this.folder, `${address}${generation ? `.${generation}` : ''}.pem`)
    if (existsSync(file)) {
      const [cert, key] = readFileSync(file, 'utf8').split('\n\n')
      return { cert: cert!, key: key ?? this.leafKeyPem }
    }
    const own = generation > 0
    const keys = own ? await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify']) : this.leafKeys
    const common = {
      serialNumber: serial(),
      notBefore: new Date(Date.now() - DAY),
      notAfter: new Date(Date.now() + 825 * DAY),
      signingAlgorithm: SIGNED,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: address }]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ...(own ? [] : [await x509.AuthorityKeyIdentifierExtension.create(this.cert)]),
      ],
    }
    const cert = own
      ? await x509.X509CertificateGenerator.createSelfSigned({ ...common, name: `CN=${address}`, keys })
      : await x509.X509CertificateGenerator.create({
          ...common,
          subject: `CN=${address}`,
          issuer: this.cert.subject,
          publicKey: keys.publicKey,
          signingKey: this.signing,
        })
    const pem = cert.toString('pem').trim()
    const key = own ? pkcs8(keys.privateKey) : this.leafKeyPem
    writeWhole(file, own ? `${pem}\n\n${key}` : pem)
    return { cert: pem, key }
  }
}

function serial(): string {
  return `01${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`
}

function pkcs8(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }) as string
}

async function pair(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const privateKey = await crypto.subtle.importKey('pkcs8', der, CURVE, true, ['sign'])
  const { d: _, key_ops: __, ...jwk } = await crypto.subtle.exportKey('jwk', privateKey)
  return { privateKey, publicKey: await crypto.subtle.importKey('jwk', jwk, CURVE, true, ['verify']) }
}
