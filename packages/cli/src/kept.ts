import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Cloud, KeptToken, LoginHelp } from '@esi/client'

/** Where a token of a login at an identity provider is kept between two commands: readable to its user only, a file a login. */
export const keptToken = (cloud: Cloud, environment: NodeJS.ProcessEnv): NonNullable<LoginHelp['kept']> | undefined => {
  if (cloud.auth.kind !== 'oidc') return undefined
  const { provider, protocol, by } = cloud.auth
  const name = createHash('sha256')
    .update(JSON.stringify([cloud.authUrl, provider, protocol, 'accessToken' in by ? by.accessToken : by.clientId]))
    .digest('hex')
  const folder = join(environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache'), 'esi')
  const file = join(folder, `login-${name.slice(0, 24)}.json`)
  return {
    read() {
      try {
        const { text, expires } = JSON.parse(readFileSync(file, 'utf8')) as KeptToken
        return typeof text === 'string' && typeof expires === 'string' ? { text, expires } : undefined
      } catch {
        return undefined
      }
    },
    write(token) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const fresh = `${file}.${process.pid}`
      writeFileSync(fresh, JSON.stringify(token), { mode: 0o600 })
      renameSync(fresh, file)
    },
    forget: () => rmSync(file, { force: true }),
  }
}
