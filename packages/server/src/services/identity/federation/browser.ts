import { createHash } from 'node:crypto'
import { isObject } from '@esi/api/types'
import type { Secrets } from '../../../kit/secrets/secrets.ts'
import type { Errand } from './client.ts'

/** A browser that was sent to a provider: what it is to do when it comes back, kept by itself and readable to us only. */
export interface Journey extends Errand {
  readonly provider: string
  readonly protocol: string
  /** Where it goes in the end. */
  readonly origin: string
  /** Milliseconds since 1970. */
  readonly until: number
}

export const COOKIE = 'esi_federation'
/** Milliseconds for a login at the provider. */
export const PATIENCE = 600_000

/** The journey as a cookie that only the callback sees. */
export const sendOff = (secrets: Secrets, journey: Journey, callback: URL): string => {
  const secure = callback.protocol === 'https:' ? '; Secure' : ''
  return `${COOKIE}=${secrets.seal(JSON.stringify(journey))}; Path=${callback.pathname}; Max-Age=${PATIENCE / 1000}; HttpOnly; SameSite=Lax${secure}`
}

export const forgetCookie = (callback: URL): string => `${COOKIE}=; Path=${callback.pathname}; Max-Age=0; HttpOnly; SameSite=Lax`

/** The journey that a browser comes back from; `undefined` for one that we did not send off, or too long ago. */
export const comeBack = (secrets: Secrets, cookies: string | undefined, state: string | null, now: number): Journey | undefined => {
  const sealed = cookies
    ?.split(';')
    .map(pair => pair.trim())
    .find(pair => pair.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1)
  if (sealed === undefined || state === null) return undefined
  try {
    const journey: unknown = JSON.parse(secrets.open(sealed))
    return isObject(journey) && journey['state'] === state && Number(journey['until']) > now ? (journey as unknown as Journey) : undefined
  } catch {
    return undefined
  }
}

const SCRIPT = 'document.forms[0].submit()'

/** A page that brings the token to a dashboard: by a form, as Keystone's does, so that it is in no address and no log. */
export const handOver = (origin: string, token: string): { readonly html: string; readonly policy: string } => ({
  html: `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Signing in</title></head>
<body>
<form method="post" action="${inText(origin)}" enctype="application/x-www-form-urlencoded">
<input type="hidden" name="token" value="${inText(token)}">
<noscript><p>Go on to the dashboard:</p><button type="submit">Continue</button></noscript>
</form>
<script>${SCRIPT}</script>
</body>
</html>
`,
  policy: `default-src 'none'; script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'; form-action ${new URL(origin).origin}; frame-ancestors 'none'; base-uri 'none'`,
})

const inText = (text: string): string => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`)
