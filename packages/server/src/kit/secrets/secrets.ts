import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Encrypts what must not lie readable in the database: BMC and switch passwords, private keys. */
export interface Secrets {
  /** Text in, text out; two calls never give the same. */
  seal(plain: string): string
  open(sealed: string): string
  /** Whether it was sealed with an older key and should be sealed again. */
  stale(sealed: string): boolean
}

/** A master key: 32 bytes with an id; the first is used to seal, all to open. */
export interface MasterKey {
  readonly id: string
  readonly bytes: Buffer
}

/** AES-256-GCM; `esi1:<key id>:<nonce>:<tag>:<text>`, each in base64url. */
export const secrets = (keys: () => readonly MasterKey[]): Secrets => ({
  seal(plain) {
    const key = keys()[0]!
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce)
    cipher.setAAD(Buffer.from(key.id))
    const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
    return ['esi1', key.id, nonce.toString('base64url'), cipher.getAuthTag().toString('base64url'), text.toString('base64url')].join(':')
  },
  open(sealed) {
    const [mark, id, nonce, tag, text] = sealed.split(':')
    const key = keys().find(k => k.id === id)
    if (mark !== 'esi1' || !nonce || !tag || text === undefined) throw new Error('not a sealed secret')
    if (!key) throw new Error(`the master key ${id} that sealed this secret is not in the key file`)
    const cipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(nonce, 'base64url'))
    cipher.setAAD(Buffer.from(key.id))
    cipher.setAuthTag(Buffer.from(tag, 'base64url'))
    return Buffer.concat([cipher.update(Buffer.from(text, 'base64url')), cipher.final()]).toString('utf8')
  },
  stale: sealed => sealed.split(':')[1] !== keys()[0]!.id,
})
