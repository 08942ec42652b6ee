import { type Bench, number } from '../support/report.ts'
import { startBenchSite } from '../support/site.ts'

/** Checks of a token: as every request of ours does it, and as other services ask for it. Logins with a password. */
export const token = async (bench: Bench): Promise<void> => {
  const site = await startBenchSite()
  try {
    const seconds = 6 / bench.brief
    const check = { path: '/identity/v3/auth/tokens', headers: { 'x-subject-token': site.tokens.lessee } }
    for (const connections of [1, 16]) {
      const done = await site.http({ as: 'admin', connections, requests: [check], cycle: true, seconds, warm: 50 })
      if (Object.keys(done.answers).join() !== '200') throw new Error(`a good token was refused: ${JSON.stringify(done.answers)}`)
      bench.line({
        part: 'token',
        what: `GET /v3/auth/tokens of a good token, ${connections} client(s)`,
        ours: `${number(done.rate)}/s, p50 ${number(done.p50)} ms, server ${number(done.server * 1000)} µs, database ${number(done.database * 1000)} µs`,
        other: '',
      })
    }
    const login = { method: 'POST', path: '/identity/v3/auth/tokens', body: site.loginOf('lessee') }
    const done = await site.http({ as: 'nobody', connections: 4, requests: [login], cycle: true, seconds, warm: 4 })
    if (Object.keys(done.answers).join() !== '201') throw new Error(`a login failed: ${JSON.stringify(done.answers)}`)
    bench.line({
      part: 'token',
      what: 'a login with a password, 4 clients',
      ours: `${number(done.rate)}/s, p50 ${number(done.p50)} ms, server ${number(done.server)} ms, database ${number(done.database)} ms`,
      other: '',
    })
  } finally {
    await site.end()
  }
}
