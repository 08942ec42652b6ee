import { describe, expect, it } from 'vitest'
import { isSigned, readOAuth } from './oauth1.ts'

// The example of RFC 5849, 1.2: a request for a photo, signed by HMAC-SHA1.
const HEADER =
  'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1", ' +
  'oauth_timestamp="137131202", oauth_nonce="chapoH", oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"'
const REQUEST = {
  method: 'GET',
  url: 'http://photos.example.net/photos',
  params: [
    ['file', 'vacation.jpg'],
    ['size', 'original'],
  ],
  authorization: HEADER,
} as const
const SECRETS = ['kd94hf93k423kf44', 'pfkkdhi9sl3r4s00'] as const
const THEN = 137_131_202_000

describe('a request that was signed by OAuth', () => {
  const oauth = readOAuth(HEADER)!

  it('is known by its secrets, near its time', () => {
    expect(isSigned(REQUEST, oauth, SECRETS, THEN)).toBe(true)
    expect(isSigned(REQUEST, oauth, SECRETS, THEN + 600_000)).toBe(true)
    expect(isSigned(REQUEST, oauth, SECRETS, THEN + 601_000)).toBe(false)
    expect(isSigned(REQUEST, oauth, SECRETS, THEN - 601_000)).toBe(false)
    expect(isSigned(REQUEST, oauth, ['kd94hf93k423kf44', 'another'], THEN)).toBe(false)
    expect(isSigned(REQUEST, oauth, ['another', 'pfkkdhi9sl3r4s00'], THEN)).toBe(false)
  })

  it('is another one with anything changed', () => {
    const { params } = REQUEST
    for (const other of [
      { ...REQUEST, method: 'POST' },
      { ...REQUEST, url: 'http://photos.example.net/photo' },
      { ...REQUEST, url: 'https://photos.example.net/photos' },
      { ...REQUEST, params: [params[0]] },
      { ...REQUEST, params: [...params, ['a', '']] as const },
    ])
      expect(isSigned(other, oauth, SECRETS, THEN)).toBe(false)
    expect(isSigned({ ...REQUEST, url: 'HTTP://Photos.Example.net:80/photos', params: [params[1], params[0]] }, oauth, SECRETS, THEN)).toBe(
      true,
    )
    for (const [name, value] of [
      ['oauth_nonce', 'x'],
      ['oauth_timestamp', '137131203'],
      ['oauth_version', '1.0'],
      ['oauth_version', '2.0'],
      ['oauth_signature_method', 'PLAINTEXT'],
      ['oauth_signature_method', 'RSA-SHA1'],
      ['oauth_timestamp', 'now'],
      ['oauth_nonce', ''],
    ] as const)
      expect(isSigned(REQUEST, { ...oauth, [name]: value }, SECRETS, THEN), `${name} ${value}`).toBe(false)
  })

  it('says each thing once, in its header', () => {
    expect(oauth).toMatchObject({ oauth_consumer_key: 'dpf43f3p2l4k3l03', oauth_signature: 'MdpQcU8iPSUjWoN/UDMsK2sui9I=' })
    expect(oauth).not.toHaveProperty('realm')
    for (const header of [undefined, '', 'Basic abc', 'OAuth', 'OAuth a=b', 'OAuth a="b", a="c"', 'OAuth a="%zz"', 'OAuth a="b" c="d"'])
      expect(readOAuth(header), header).toBeUndefined()
  })
})
