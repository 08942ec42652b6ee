import { once } from 'node:events'
import { connect } from 'node:net'
import { dialect as ironic } from '@esi/api/baremetal/dialect'
import { dialect as keystone } from '@esi/api/identity/dialect'
import { dialect as leap } from '@esi/api/leasing/dialect'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { answers, type RawAnswer, raw, request, startToys, type Toys } from './test/toy.ts'

let toys: Toys
beforeAll(async () => {
  toys = await startToys([ironic, keystone])
})
afterAll(() => toys.close())
beforeEach(() => {
  for (const list of [toys.seen, toys.errors, toys.observed]) list.length = 0
})

const ask = async (bytes: string | Buffer): Promise<RawAnswer> => {
  const all = answers(await raw(toys.port, bytes))
  expect(all).toHaveLength(1)
  return all[0]!
}
const post = (body: string, headers: string[] = ['Content-Type: application/json']) =>
  request('POST /one/v1/things', [...headers, `Content-Length: ${Buffer.byteLength(body)}`], body)

/** Each reply has an id and is what it says it is; each refusal is in the form of the service that was asked. */
const refused = (answer: RawAnswer, status: number, message: RegExp, service: 'one' | 'two' = 'one'): void => {
  expect(answer.status).toBe(status)
  expect(answer.headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/)
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  expect(answer.headers['x-content-type-options']).toBe('nosniff')
  const form = service === 'one' ? ironic : keystone
  expect(form.client.message(JSON.parse(answer.body))).toMatch(message)
  expect(toys.seen).toEqual([])
  expect(toys.errors).toEqual([])
}

describe('a path', () => {
  it.each([
    ['broken %-encoding', '/one/v1/things/%zz', 400, /valid url/],
    ['half of a %-encoding', '/one/v1/things/%e4', 400, /valid url/],
    ['a part of 1,025 characters', `/one/v1/things/${'a'.repeat(1025)}`, 414, /too long/],
    ['nothing', '/one/v2', 404, /could not be found/],
    ['a step up', '/one/v1/../v1/things', 404, /could not be found/],
    ['a step up, encoded', '/one/v1/%2e%2e/v1/things', 404, /could not be found/],
    ['another case', '/ONE/v1/things', 404, /could not be found/],
  ])('with %s', async (_, path, status, message) => {
    const wanted = status === 414 ? 413 : status
    refused(await ask(request(`GET ${path}`)), wanted, message)
    if (path.startsWith('/one')) refused(await ask(request(`GET ${path.replace('/one', '/two')}`)), wanted, message, 'two')
  })
  it.each([
    ['a slash at the end', '/one/v1/things/', 'things'],
    ['slashes doubled', '//one//v1///things', 'things'],
    ['a whole URL', 'http://elsewhere/one/v1/things', 'things'],
    ['a fragment', '/one/v1/things#part', 'things'],
    ['a query after a slash', '/one/v1/things/?a=1', 'things'],
  ])('with %s is that of the route', async (_, path, last) => {
    const answer = await ask(request(`GET ${path}`))
    expect(answer.status).toBe(200)
    expect(toys.seen[0]!.path).toBe(`/v1/${last}`)
    // Nobody is believed about where the server is but the client's own connection.
    expect(toys.seen[0]!.context.wire.base).toBe('http://localhost/one')
  })
  it('gives its parts decoded, and never more than one part', async () => {
    await ask(request('GET /one/v1/things/a%2Fb%20c'))
    expect(toys.seen.map(s => s.body)).toEqual(['a/b c'])
  })
  it('with a raw NUL or a line break is no request', async () => {
    refused(await ask(request('GET /one/v1/thi\0ngs')), 400, /not valid HTTP/)
    refused(await ask(request('GET /two/v1/thi\0ngs')), 400, /not valid HTTP/, 'two')
  })
  it('longer than all headers may be', async () => {
    refused(await ask(request(`GET /two/v1/${'a'.repeat(20_000)}`)), 431, /too large/, 'two')
  })
  it('of no service is answered in the words of the first', async () => {
    refused(await ask(request('GET /nowhere')), 404, /could not be found/)
  })
})

describe('a method', () => {
  it('that the path lacks is 405, with those it has', async () => {
    const answer = await ask(request('PATCH /one/v1/things', ['Content-Length: 2'], '{}'))
    refused(answer, 405, /PATCH is not allowed/)
    expect(answer.headers['allow']).toBe('GET, HEAD, POST')
    expect((await ask(request('POST /one/v1/things/x/'))).headers['allow']).toBe('DELETE, GET, HEAD')
  })
  it('OPTIONS is told the others', async () => {
    const answer = await ask(request('OPTIONS /two/v1/named'))
    refused(answer, 405, /OPTIONS/, 'two')
    expect(answer.headers['allow']).toBe('PUT')
  })
  it('that HTTP knows and nobody here serves', async () => {
    for (const method of ['PROPFIND', 'TRACE', 'MKCOL']) {
      const answer = await ask(request(`${method} /two/v1/things`))
      expect([404, 405]).toContain(answer.status)
      refused(answer, answer.status, /./, 'two')
    }
  })
  it('that HTTP does not know', async () => {
    refused(await ask(request('FETCH /two/v1/things')), 400, /method/, 'two')
  })
  it('HEAD is answered as GET without the body', async () => {
    const answer = await ask(request('HEAD /one/v1/things'))
    expect(answer).toMatchObject({ status: 200, body: '' })
    expect(answer.headers['content-length']).toBe(String('{"ok":true}'.length))
  })
})

describe('a body', () => {
  const deep = (open: string, close: string) => open.repeat(100_000) + close.repeat(100_000)
  it.each([
    ['broken', '{"a":', 400, /not valid JSON/],
    ['with a trailing comma', '{"a":1,}', 400, /not valid JSON/],
    ['a word', 'hello', 400, /not valid JSON/],
    ['with U+0000 in a text', '{"a":["x\\u0000"]}', 400, /U\+0000/],
    ['with U+0000 in a key', '{"x\\u0000":1}', 400, /U\+0000/],
    ['with half a surrogate pair', '{"a":"\\ud800"}', 400, /surrogate/],
    ['with half a surrogate pair in a key', '{"\\udc00":1}', 400, /surrogate/],
    ['with the key __proto__', '{"a":{"__proto__":{"admin":true}}}', 400, /__proto__/],
    ['of lists 100,000 deep', deep('[', ']'), 400, /nested/],
    ['of objects 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 400, /nested/],
    ['of lists 100,000 deep and broken', '['.repeat(100_000), 400, /not valid JSON|nested/],
    ['with a number that cannot be kept', '{"a":12345678901234567890}', 400, /12345678901234567890 is too large/],
    ['with a number beyond all', '{"a":[1e999]}', 400, /1e999 is too large/],
  ])('%s', async (_, body, status, message) => {
    refused(await ask(post(body)), status, message)
    refused(await ask(post(body).replace('/one', '/two')), status, message, 'two')
  })
  it('that is not UTF-8 is refused, not mended', async () => {
    const bytes = Buffer.from('{"a":"\xff\xfe"}', 'latin1')
    const head = request('POST /one/v1/things', ['Content-Type: application/json', `Content-Length: ${bytes.length}`])
    refused(await ask(Buffer.concat([Buffer.from(head), bytes])), 400, /UTF-8/)
  })
  it.each([
    ['constructor as a key', '{"constructor":{"prototype":{"a":1}},"toString":1}', { constructor: { prototype: { a: 1 } }, toString: 1 }],
    ['a key twice: the last counts', '{"a":1,"a":2}', { a: 2 }],
    [
      'numbers at the edge',
      '{"a":[9007199254740991,1e300,-0.5,18014398509481984]}',
      { a: [9007199254740991, 1e300, -0.5, 18014398509481984] },
    ],
    ['whole characters beyond the BMP', '{"a":"\\ud83d\\ude00😀"}', { a: '😀😀' }],
    ['nesting of 100', `${'['.repeat(100)}${']'.repeat(100)}`, expect.any(Array)],
  ])('may have %s', async (_, body, wanted) => {
    expect((await ask(post(body))).status).toBe(201)
    expect(toys.seen[0]!.body).toEqual(wanted)
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })
  it.each(['null', '[]', '3', '"x"', 'true', '[{"name":"x"}]'])('%s is no object where one is declared', async body => {
    const answer = await ask(request('PUT /two/v1/named', ['Content-Type: application/json', `Content-Length: ${body.length}`], body))
    refused(answer, 400, body === 'null' ? /required/ : /JSON object/, 'two')
  })
  it.each([
    ['a missing field', '{}', /'name' is a required/],
    ['another field', '{"name":"x","nom":1}', /'nom' was unexpected/],
    ['a wrong type', '{"name":[1]}', /"name" must be a string/],
    ['null', '{"name":null}', /must not be null/],
    ['a name of a prototype', '{"name":"x","constructor":1}', /'constructor' was unexpected/],
  ])('with %s is refused where it is declared', async (_, body, message) => {
    refused(
      await ask(request('PUT /two/v1/named', ['Content-Type: application/json', `Content-Length: ${body.length}`], body)),
      400,
      message,
      'two',
    )
  })

  describe('of a strange kind', () => {
    const kinds = [
      'application/json; charset=utf-8',
      'application/json;charset=UTF8',
      'APPLICATION/JSON',
      'application/octet-stream',
      'text/plain',
      'application/merge-patch+json',
      'application/openstack-images-v2.1-json-patch',
      'application/x-www-form-urlencoded',
    ]
    it.each(kinds)('%s is read as the JSON that it is', async kind => {
      expect((await ask(post('{"a":1}', [`Content-Type: ${kind}`]))).status).toBe(201)
      expect(toys.seen[0]!.body).toEqual({ a: 1 })
    })
    it('none at all is, too', async () => {
      expect((await ask(post('{"a":1}', []))).status).toBe(201)
      expect(toys.seen[0]!.body).toEqual({ a: 1 })
    })
    it.each(['x', 'a/b/c', '////', 'application/json, text/plain'])('%s is refused, or read as JSON', async kind => {
      const answer = await ask(post('{"a":1}', [`Content-Type: ${kind}`]))
      if (answer.status === 201) expect(toys.seen[0]!.body).toEqual({ a: 1 })
      else refused(answer, 415, /media type/)
    })
  })
  it.each([
    ['with the type of JSON', 'Content-Type: application/json'],
    ['with the type of JSON and a length of 0', 'Content-Type: application/json\r\nContent-Length: 0'],
    ['with the type of a file', 'Content-Type: application/octet-stream\r\nContent-Length: 0'],
    ['of spaces', 'Content-Type: application/json\r\nContent-Length: 3'],
  ])('that is empty, %s, is none', async (_, headers) => {
    const body = headers.endsWith('3') ? '   ' : ''
    expect((await ask(request('DELETE /one/v1/things/x', [headers], body))).status).toBe(204)
    expect(toys.seen[0]!.body).toBeUndefined()
  })
})

describe('a large body', () => {
  const mega = 1024 * 1024
  it('is refused by its length before it is sent', async () => {
    const head = request('POST /two/v1/things', ['Content-Type: application/json', `Content-Length: ${50 * mega}`])
    // Not one byte of the body follows, and there is an answer.
    const got = await raw(toys.port, head, text => text.includes('\r\n\r\n') && text.endsWith('}'))
    refused(answers(got)[0]!, 413, /1048576 bytes/, 'two')
  })
  it('of unknown length is refused where it grows too large, and its sender may go on and still reads why', async () => {
    const socket = connect(toys.port, '127.0.0.1')
    let got = ''
    socket.on('data', part => (got += part))
    socket.write(request('POST /two/v1/things', ['Transfer-Encoding: chunked']).replace('Connection: close\r\n', ''))
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(mega, 'x'), Buffer.from('\r\n')])
    for (let i = 0; i < 50; i++) if (!socket.write(chunk)) await once(socket, 'drain')
    // The answer does not wait for the end.
    while (!got.endsWith('}')) await once(socket, 'data')
    socket.write(`0\r\n\r\n${request('GET /two/v1/nothing')}`)
    await once(socket, 'close')
    refused(answers(got)[0]!, 413, /1048576 bytes/, 'two')
    refused(answers(got)[1]!, 404, /could not be found/, 'two')
  })
  it('leaves the connection fit for the next request', async () => {
    const body = 'x'.repeat(2 * mega)
    const first = request('POST /one/v1/things', [`Content-Length: ${body.length}`], body).replace('Connection: close\r\n', '')
    const all = answers(await raw(toys.port, first + request('GET /one/v1/things')))
    expect(all.map(a => a.status)).toEqual([413, 200])
  })
  it('is taken where a route allows it, up to its own limit', async () => {
    const put = (size: number) =>
      request('PUT /one/v1/large', ['Content-Type: application/json', `Content-Length: ${size}`], `"${'x'.repeat(size - 2)}"`)
    expect((await ask(put(2.5 * mega))).status).toBe(200)
    expect(toys.seen[0]!.body).toBe(2.5 * mega)
    toys.seen.length = 0
    refused(await ask(put(3 * mega + 1)), 413, /3145728 bytes/)
  })
  it('is not read at all from somebody without a good token', async () => {
    const head = request('POST /two/v1/things', [`Content-Length: ${mega}`]).replace('owner', 'nobody')
    const got = await raw(toys.port, head, text => text.includes('\r\n\r\n') && text.endsWith('}'))
    refused(answers(got)[0]!, 401, /requires authentication/, 'two')
  })
  it('is handed on as it comes to a route that takes a stream', async () => {
    const answer = await ask(
      request('PUT /one/v1/stream', ['Content-Type: application/octet-stream', 'Content-Length: 6'], '\0{"[\xff'.slice(0, 5)),
    )
    expect(answer.status).toBe(200)
    expect(toys.seen[0]!.body).toBe('\0{"[ÿ')
  })
  it('is handed on as text to a route that takes no JSON', async () => {
    const answer = await ask(
      request('PUT /one/v1/text', ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 7'], 'a=%7B&b'),
    )
    expect(answer.status).toBe(200)
    expect(toys.seen[0]!.body).toBe('a=%7B&b')
  })
})

describe('a lie about the body', () => {
  it.each([
    ['both lengths', ['Transfer-Encoding: chunked', 'Content-Length: 5'], '0\r\n\r\n'],
    ['two lengths', ['Content-Length: 5', 'Content-Length: 6'], '{"a":1}'],
    ['a length below 0', ['Content-Length: -1'], ''],
    ['a length that is no number', ['Content-Length: many'], ''],
    ['a chunk whose size is no number', ['Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a chunk that is longer than it says', ['Transfer-Encoding: chunked'], '2\r\n{"a":1}\r\n0\r\n\r\n'],
    ['another transfer encoding', ['Transfer-Encoding: gzip'], 'xx'],
  ])('%s', async (_, headers, body) => {
    const answer = await ask(request('POST /two/v1/things', ['Content-Type: application/json', ...headers], body))
    refused(answer, 400, /not valid HTTP/, 'two')
    expect(answer.headers['connection']).toBe('close')
  })
  it('more bytes than were announced are no second request', async () => {
    const all = answers(
      await raw(toys.port, request('POST /one/v1/things', ['Content-Length: 2'], '{}DELETE /one/v1/things/x HTTP/1.1\r\n\r\n')),
    )
    expect(all).toHaveLength(1)
    expect(toys.seen.map(s => s.path)).toEqual(['/v1/things'])
  })
  it('fewer bytes than were announced, and then the end', async () => {
    const socket = connect(toys.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.end(request('POST /one/v1/things', ['Content-Length: 100'], '{"a":'))
    await once(socket.resume(), 'close')
    expect(toys.seen).toEqual([])
    expect(toys.errors).toEqual([])
  })
})

describe('headers', () => {
  it('with a NUL, or too many of them, are no request', async () => {
    refused(await ask(request('GET /two/v1/things', ['X-Thing: a\0b'])), 400, /not valid HTTP/, 'two')
    refused(await ask(request('GET /two/v1/things', [`X-Thing: ${'a'.repeat(20_000)}`])), 431, /too large/, 'two')
  })
  it('of proxies are not believed', async () => {
    await ask(
      request('GET /one/v1/things', [
        'X-Forwarded-For: 203.0.113.9',
        'X-Forwarded-Host: evil.example',
        'X-Forwarded-Proto: https',
        'Forwarded: for=203.0.113.9;host=evil.example',
      ]),
    )
    expect(toys.seen[0]!.context.address).toBe('127.0.0.1')
    expect(toys.seen[0]!.context.wire.base).toBe('http://localhost/one')
  })
  it('without a host are refused from HTTP/1.1 on', async () => {
    const bare = 'GET /two/v1/things HTTP/1.1\r\nX-Auth-Token: owner\r\nConnection: close\r\n\r\n'
    expect(answers(await raw(toys.port, bare))[0]!.status).toBe(400)
    expect((await ask(bare.replace('1.1', '1.0'))).status).toBe(200)
  })
  it('of a version that is none, or that is not here, are told the ones there are', async () => {
    for (const version of ['soup', '1.9999', '2.1']) {
      const answer = await ask(request('GET /one/v1/things', [`X-OpenStack-Ironic-API-Version: ${version}`]))
      refused(answer, 406, /./)
      expect(answer.headers['x-openstack-ironic-api-maximum-version']).toBe(`1.${ironic.newest}`)
    }
  })
  it('of an older version do not see what is new', async () => {
    refused(await ask(request('GET /one/v1/new', ['X-OpenStack-Ironic-API-Version: 1.8'])), 406, /1\.9/)
    expect((await ask(request('GET /one/v1/new', ['X-OpenStack-Ironic-API-Version: 1.9']))).status).toBe(200)
  })
  it.each([[[]], [['X-Auth-Token: ']], [['X-Auth-Token: nobody']]])('without a good token are refused: %j', async headers => {
    const answer = await ask(['GET /two/v1/things HTTP/1.1', 'Host: h', 'Connection: close', ...headers, '', ''].join('\r\n'))
    refused(answer, 401, /requires authentication/, 'two')
    expect(answer.headers['www-authenticate']).toBe('Toy uri="http://h/two"')
  })
  it('need no token where none is asked for', async () => {
    expect((await ask(request('GET /one').replace('X-Auth-Token: owner\r\n', ''))).status).toBe(200)
    expect(toys.seen[0]!.context.caller).toBeUndefined()
    expect(() => toys.seen[0]!.context.who).toThrow(/requires authentication/)
  })
})

describe('a query', () => {
  it('of thousands of parameters is refused', async () => {
    refused(await ask(request(`GET /two/v1/things?${'a&'.repeat(7_000)}`)), 400, /7000 parameters/, 'two')
    refused(await ask(request(`GET /two/v1/things?${'a=1&'.repeat(10_000)}`)), 431, /too large/, 'two')
  })
  it('with U+0000 is refused', async () => {
    refused(await ask(request('GET /two/v1/things?a=%00')), 400, /U\+0000/, 'two')
    refused(await ask(request('GET /two/v1/things?a%00=1')), 400, /U\+0000/, 'two')
  })
  it('with broken %-encoding is read as it is', async () => {
    await ask(request('GET /one/v1/things?a=%zz&b&c=1+2'))
    expect([...toys.seen[0]!.context.wire.query]).toEqual([
      ['a', '%zz'],
      ['b', ''],
      ['c', '1 2'],
    ])
  })
})

describe('an error of ours', () => {
  it('tells the log everything and the client nothing', async () => {
    const answer = await ask(request('GET /two/v1/broken'))
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('secret')
    expect(toys.errors).toEqual([
      expect.objectContaining({ message: 'a request failed', fields: { error: expect.any(Error), path: '/v1/broken' } }),
    ])
  })
  it('says when to come again', async () => {
    expect((await ask(request('GET /two/v1/busy'))).headers['retry-after']).toBe('7')
  })
  it('is counted, as every reply is', async () => {
    await ask(request('GET /two/v1/broken'))
    await ask(request('GET /two/v1/things').replace('owner', 'nobody'))
    expect(toys.observed).toEqual([
      { route: 'broken', status: 500 },
      { route: 'things', status: 401 },
    ])
  })
})

describe('a connection', () => {
  it('may pause for more than a minute, and may not take its time with headers', () => {
    expect(toys.app.server.keepAliveTimeout).toBe(72_000)
    expect(toys.app.server.headersTimeout).toBe(60_000)
    // An upload may take longer than any fixed time.
    expect(toys.app.server.requestTimeout).toBe(0)
  })
  it('whose client goes away ends the handler’s signal, and that is no error', async () => {
    const begun = Promise.withResolvers<AbortSignal>()
    const ended = Promise.withResolvers<void>()
    toys.wait = async context => {
      begun.resolve(context.signal)
      await once(context.signal, 'abort')
      ended.resolve()
      throw context.signal.reason
    }
    const socket = connect(toys.port, '127.0.0.1')
    socket.write(request('POST /one/v1/wait', ['Content-Length: 2'], '{}'))
    // The body is read and the handler runs: nobody has gone yet.
    const signal = await begun.promise
    await new Promise(setImmediate)
    expect(signal.aborted).toBe(false)
    socket.destroy()
    await ended.promise
    expect(toys.errors).toEqual([])
  })
  it('that gets its answer ends no signal', async () => {
    const signals: AbortSignal[] = []
    toys.wait = async context => void signals.push(context.signal)
    await ask(request('POST /one/v1/wait', ['Content-Length: 2'], '{}'))
    expect(signals.map(s => s.aborted)).toEqual([false])
  })
})

describe('a slow body', () => {
  it('is given up, and the connection with it', async () => {
    const slow = await startToys([leap, ironic], 0.05)
    try {
      // Never ends by itself: what ends it is the server.
      const got = await raw(slow.port, request('POST /one/v1/things', ['Content-Length: 10'], '{').replace('Connection: close\r\n', ''))
      const [answer] = answers(got)
      expect(answer!.status).toBe(400)
      expect(leap.client.message(JSON.parse(answer!.body))).toMatch(/did not arrive within/)
      await raw(slow.port, request('PUT /one/v1/stream', ['Content-Length: 10'], '{'))
      expect(slow.errors).toEqual([])
      expect(slow.seen).toEqual([])
    } finally {
      await slow.close()
    }
  })
})
