import { createHmac } from 'node:crypto'
import { isObject } from '@esi/api/types'
import { same } from './ec2.ts'

/** What somebody signed with an EC2 secret for S3: the text that was signed, and the signature. */
export interface SignedText {
  readonly access: string
  readonly signature: string
  readonly text: Buffer
}

/** Reads it from a body; `undefined` for what is none. */
export const readSignedText = (given: unknown): SignedText | undefined => {
  if (!isObject(given)) return undefined
  const { access, signature, token } = given
  if (typeof access !== 'string' || access === '' || typeof signature !== 'string' || typeof token !== 'string') return undefined
  return { access, signature, text: Buffer.from(token, 'base64url') }
}

/** Services whose requests are signed so. */
const SERVICES = ['s3', 'iam', 'sts']

/** Whether the signature is that secret's: versions 2 (SHA-1) and 4. Source: Keystone's s3tokens. */
export const isTextSignedBy = ({ text, signature }: SignedText, secret: string): boolean => {
  if (text.subarray(0, 4).toString('latin1') !== 'AWS4') return same(createHmac('sha1', secret).update(text).digest('base64'), signature)
  const [algorithm, date, scope = '', digest, ...more] = text.toString('utf8').split('\n')
  const [day = '', region = '', service = '', end, ...rest] = scope.split('/')
  if (algorithm !== 'AWS4-HMAC-SHA256' || digest === undefined || more.length > 0) return false
  if (!SERVICES.includes(service) || end !== 'aws4_request' || rest.length > 0 || !date?.startsWith(day)) return false
  const key = [day, region, service, end].reduce<Buffer | string>(
    (k, part) => createHmac('sha256', k).update(part).digest(),
    `AWS4${secret}`,
  )
  return same(createHmac('sha256', key).update(text).digest('hex'), signature)
}
