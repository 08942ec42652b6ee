import { type Answer, at, formOfError, plain } from './answer.ts'
import type { Question, Story } from './question.ts'

/** One of the two that are asked. */
export interface Side {
  readonly name: string
  /** Where a service is, without a slash at its end. */
  readonly bases: Readonly<Record<Story['service'], string>>
  /** The token of a login. */
  token(as: string): string
}

const PATIENCE = 60_000

/** Asks one side; what it keeps is kept for that side alone. */
export const askSide = async (side: Side, story: Story, question: Question, kept: Map<string, string>): Promise<Answer> => {
  const until = Date.now() + PATIENCE
  for (;;) {
    const { answer, raw } = await once(side, story, question, kept)
    const wanted = question.until
    // Ironic's own client asks again, too, while its conductor has the node.
    const busy = answer.status === 409 && answer.said?.includes('is locked by host') && Date.now() < until
    if (!busy && (wanted === undefined || at(raw, wanted[0]) === wanted[1])) {
      for (const [name, path] of Object.entries(question.keep ?? {})) {
        const value = at(raw, path)
        // The question after it says what is missing.
        if (typeof value === 'string') kept.set(name, value)
      }
      return answer
    }
    if (Date.now() > until) return { ...answer, body: { 'never became': wanted, body: answer.body } }
    await new Promise(resolve => setTimeout(resolve, 150))
  }
}

const once = async (side: Side, story: Story, question: Question, kept: Map<string, string>): Promise<{ answer: Answer; raw: unknown }> => {
  const base = side.bases[story.service]
  const [method = '', path = ''] = fill(question.ask, kept).split(' ', 2)
  const version = question.at ?? story.at
  const as = question.as ?? 'system'
  const reply = await answered(`${base}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(as === 'nobody' ? {} : { 'x-auth-token': side.token(as) }),
      ...(question.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(version === undefined ? {} : { 'x-openstack-ironic-api-version': version }),
      ...Object.fromEntries(Object.entries(question.headers ?? {}).map(([name, value]) => [name, fill(value, kept)])),
    },
    ...(question.body === undefined
      ? {}
      : { body: typeof question.body === 'string' ? fill(question.body, kept) : fill(JSON.stringify(question.body), kept) }),
  })
  if (reply === undefined) return { raw: undefined, answer: { status: 0, headers: {}, body: 'no answer' } }
  const text = await reply.text()
  const raw = read(text)
  const token = reply.headers.get('x-subject-token')
  const failed = reply.status >= 400
  return {
    raw: token === null ? raw : { ...(raw as object), 'x-subject-token': token },
    answer: {
      status: reply.status,
      headers: Object.fromEntries(
        (question.tells ?? []).map(name => [name, plain(told(reply.headers, name), base, kept) as string | null]),
      ),
      body: failed ? formOfError(raw) : plain(raw, base, kept),
      ...(failed ? { said: text.slice(0, 300) } : {}),
    },
  }
}

/** Nothing where the connection ends without an answer: a program that broke over the request, with theirs. */
const answered = (...what: Parameters<typeof fetch>): Promise<Response | undefined> =>
  fetch(...what).catch((e: Error) => {
    if ((e.cause as { code?: string } | undefined)?.code === 'UND_ERR_SOCKET') return undefined
    throw e
  })

/** JSON is UTF-8, whether that is said or not; where one logs in is each one's own. */
const told = (headers: Headers, name: string): string | null =>
  headers
    .get(name)
    ?.replace(/; charset=utf-8$/i, '')
    .replace(/^Keystone uri="http[^"]*"$/, 'Keystone') ?? null

const fill = (text: string, kept: ReadonlyMap<string, string>): string =>
  text.replace(/\$([a-z_]\w*)/g, (all, name) => kept.get(name) ?? all)

const read = (text: string): unknown => {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
