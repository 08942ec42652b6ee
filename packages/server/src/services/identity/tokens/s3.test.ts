import { describe, expect, it } from 'vitest'
import { isTextSignedBy, readSignedText } from './s3.ts'

// The examples of the AWS documentation, with its secret.
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const ACCESS = 'AKIAIOSFODNN7EXAMPLE'
const V2 = 'GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/johnsmith/photos/puppy.jpg'
const V4 = [
  'AWS4-HMAC-SHA256',
  '20130524T000000Z',
  '20130524/us-east-1/s3/aws4_request',
  '7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972',
].join('\n')
const V4_SIGNATURE = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'

const read = (text: string, signature: string) =>
  readSignedText({ access: ACCESS, signature, token: Buffer.from(text).toString('base64url') })!

describe('a text that was signed for S3', () => {
  it('is told by its signature, in both versions', () => {
    expect(isTextSignedBy(read(V2, 'bWq2s1WEIj+Ydj0vQ697zp+IXMU='), SECRET)).toBe(true)
    expect(isTextSignedBy(read(V4, V4_SIGNATURE), SECRET)).toBe(true)
    expect(isTextSignedBy(read(V2, 'bWq2s1WEIj+Ydj0vQ697zp+IXMU='), 'another')).toBe(false)
    expect(isTextSignedBy(read(V4, V4_SIGNATURE), 'another')).toBe(false)
    expect(isTextSignedBy(read(`${V2}x`, 'bWq2s1WEIj+Ydj0vQ697zp+IXMU='), SECRET)).toBe(false)
  })

  it('comes in both alphabets of base64', () => {
    const token = Buffer.from(`${V2}?>`).toString('base64')
    expect(token).toMatch(/[+/]/)
    expect(readSignedText({ access: 'a', signature: 's', token })!.text.toString()).toBe(`${V2}?>`)
  })

  it.each([
    ['another service', V4.replace('/s3/', '/ec2/')],
    ['a shorter scope', V4.replace('/us-east-1/', '/')],
    ['another end', V4.replace('aws4_request', 'aws4')],
    ['another day', V4.replace('20130524T', '20130525T')],
    ['a further line', `${V4}\nx`],
    ['another algorithm', V4.replace('SHA256', 'SHA1')],
  ])('is not signed with %s', (_, text) => {
    expect(isTextSignedBy(read(text, V4_SIGNATURE), SECRET)).toBe(false)
  })

  it('is none without access key, signature or text', () => {
    for (const given of [
      undefined,
      [],
      {},
      { access: '', signature: 's', token: 'x' },
      { access: 'a', token: 'x' },
      { access: 'a', signature: 's' },
    ])
      expect(readSignedText(given)).toBeUndefined()
  })
})
