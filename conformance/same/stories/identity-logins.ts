import type { Question } from '../question.ts'

export const OWN = {
  'token.catalog': 'each site has its own services',
  'token.audit_ids': 'chance',
  'error.identity': 'ours takes no assertions of a web server and signs no requests',
  'user.extra': 'a column of theirs that shows after a change',
  'project.extra': 'a column of theirs that shows after a change',
}

export const PASSWORD = 'correct-horse-9'

export const byPassword = (user: object, scope?: unknown) => ({
  auth: { identity: { methods: ['password'], password: { user } }, ...(scope === undefined ? {} : { scope }) },
})
export const byToken = (id: unknown, scope?: unknown) => ({
  auth: { identity: { methods: ['token'], token: { id } }, ...(scope === undefined ? {} : { scope }) },
})

export const LOGIN = 'POST /v3/auth/tokens'
const HEADERS = ['vary', 'content-type', 'www-authenticate'] as const
export const login = (body: unknown, more: Partial<Question> = {}): Question => ({
  as: 'nobody',
  ask: LOGIN,
  body,
  tells: HEADERS,
  unordered: true,
  ...more,
})

export const anna = { id: '$anna', password: PASSWORD }
export const land = { id: '$land' }
