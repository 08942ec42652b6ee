/** Log lines for people at a terminal: time, level, message, then what else there is. */

const NOT_SHOWN = new Set(['time', 'level', 'msg', 'pid', 'hostname'])

/** No control character of a logged value reaches the terminal. */
const safe = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, c =>
    c === '\n' || c === '\t' ? ' ' : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

const shown = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=\u0000-\u001f]+$/.test(value) ? safe(value) : safe(JSON.stringify(value))

/** One line of JSON as one line of text; an error's stack follows on lines of its own. */
export const asText = (json: string): string => {
  const line = JSON.parse(json) as Record<string, unknown>
  const stacks: string[] = []
  const rest = Object.entries(line).flatMap(([key, value]) => {
    if (NOT_SHOWN.has(key)) return []
    if (typeof value === 'object' && value !== null && 'stack' in value && 'message' in value) {
      stacks.push(
        ...String(value.stack)
          .split('\n')
          .slice(1)
          .map(at => `    ${safe(at).trim()}`),
      )
      return [`${key}=${shown(value.message)}`]
    }
    return [`${key}=${shown(value)}`]
  })
  const time = String(line['time']).slice(11, 23)
  const message = typeof line['msg'] === 'string' ? [safe(line['msg'])] : []
  return `${[`${time} ${String(line['level']).toUpperCase().padEnd(5)}`, ...message, ...rest].join(' ')}\n${stacks.map(at => `${at}\n`).join('')}`
}
