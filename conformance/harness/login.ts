export interface LoggedIn {
  readonly token: string
  /** The body of the answer; throws for one that is no success. */
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<any>
}

/** Logs in with a password; `scope` is `system`, or a project's name in the default domain. */
export const keystoneAs = async (
  base: string,
  who: { readonly name: string; readonly password: string },
  scope: string,
): Promise<LoggedIn> => {
  const domain = { id: 'default' }
  const reply = await fetch(`${base}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { ...who, domain } } },
        scope: scope === 'system' ? { system: { all: true } } : { project: { name: scope, domain } },
      },
    }),
  })
  const token = reply.headers.get('x-subject-token')
  if (reply.status !== 201 || token === null) throw new Error(`${who.name} cannot log in: ${reply.status} ${await reply.text()}`)
  await reply.text()
  return {
    token,
    async ask(method, path, body, headers = {}) {
      const answer = await fetch(path.startsWith('http') ? path : `${base}${path}`, {
        method,
        headers: { 'x-auth-token': token, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`)
      return text === '' ? undefined : JSON.parse(text)
    },
  }
}
