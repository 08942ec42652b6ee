import type { Flavour } from '../flavours/flavour.ts'
import type { LogEntry } from '../machine/state.ts'
import { refuse } from './message.ts'
import { readAction } from './patch.ts'
import { type Ask, collection, type Json, link, nothing, ok, type Route, resource } from './route.ts'
import { managerPath, systemPath } from './system.ts'

/** The event log: what really happened to the machine. */
export function logRoutes(f: Flavour): Route[] {
  const services = `${f.log.under === 'manager' ? managerPath(f) : systemPath(f)}/LogServices`
  const log = `${services}/${f.log.id}`
  const entries = `${log}/Entries`
  return [
    { path: services, GET: () => ok(collection(services, 'LogServiceCollection', 'Log Services', [log])) },
    {
      path: log,
      GET: ({ machine }) =>
        ok(
          resource(log, 'LogService.v1_2_0.LogService', f.log.id, 'System Event Log', {
            ServiceEnabled: true,
            MaxNumberOfRecords: 200,
            OverWritePolicy: 'WrapsWhenFull',
            LogEntryType: 'SEL',
            DateTime: iso(machine.now()),
            DateTimeLocalOffset: '+00:00',
            Entries: link(entries),
            Actions: { '#LogService.ClearLog': { target: `${log}/Actions/LogService.ClearLog` } },
            Status: { State: 'Enabled', Health: 'OK' },
          }),
        ),
    },
    {
      path: entries,
      GET: ({ machine }) => {
        const all = machine.state.log.toReversed()
        const list = collection(entries, 'LogEntryCollection', 'Log Entries', [])
        return ok({ ...list, 'Members@odata.count': all.length, Members: all.map(e => shown(e, entries)) })
      },
    },
    {
      path: `${entries}/:id`,
      GET: ({ machine, params, path }) => {
        const entry = machine.state.log.find(e => String(e.id) === params['id'])
        if (!entry) throw refuse('ResourceMissingAtURI', [path])
        return ok(shown(entry, entries))
      },
    },
    {
      path: `${log}/Actions/LogService.ClearLog`,
      writes: 'operator',
      POST: ({ machine, body, account }: Ask) => {
        readAction('LogService.ClearLog', body, {})
        machine.state.log = []
        machine.note('OK', `The log was cleared by ${account?.user}.`)
        machine.saved()
        return nothing
      },
    },
  ]
}

function shown(entry: LogEntry, entries: string): Json {
  return resource(`${entries}/${entry.id}`, 'LogEntry.v1_9_0.LogEntry', String(entry.id), `Log Entry ${entry.id}`, {
    EntryType: 'SEL',
    Severity: entry.severity,
    Created: iso(entry.at),
    Message: entry.text,
    SensorType: 'System Event',
  })
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00')
}
