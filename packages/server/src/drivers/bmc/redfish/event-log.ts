import type { LogEntry } from '../driver.ts'
import { type Machine, related } from './machine.ts'
import { link, type Resource, str } from './resource.ts'

// The hardware's log goes by these names; other services of a BMC log who logged in and the like.
const NAMES = /^(SEL|Log1?|IML|EventLog|SystemLog|StandardLog|PlatformLog|Event)$/i

export const eventLog = async (m: Machine, limit: number): Promise<readonly LogEntry[]> => {
  const services = [...(await m.link.members(link(m.system.body, 'LogServices'), m.call, 16))]
  for (const manager of services.length > 0 ? [] : await related(m, 'Managers'))
    services.push(...(await m.link.members(link(manager.body, 'LogServices'), m.call, 16)))
  const log = services.find(({ body }) => NAMES.test(str(body, 'Id') ?? '')) ?? services[0]
  const entries = await m.link.members(link(log?.body, 'Entries'), m.call, 1024)
  return entries.map(entry).sort(newest).slice(0, limit)
}

const SEVERITIES: Readonly<Record<string, LogEntry['severity']>> = { OK: 'ok', Warning: 'warning', Critical: 'critical' }

const entry = ({ body, path }: Resource): LogEntry => ({
  id: str(body, 'Id') ?? path,
  created: str(body, 'Created'),
  severity: SEVERITIES[str(body, 'Severity') ?? ''] ?? null,
  message: (str(body, 'Message') ?? str(body, 'Name') ?? '').slice(0, 1000),
})

const newest = (a: LogEntry, b: LogEntry): number => {
  const [x, y] = [Date.parse(a.created ?? ''), Date.parse(b.created ?? '')]
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) ? (Number.isNaN(y) ? 0 : 1) : -1
  return y - x
}
