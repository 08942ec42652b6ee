import { dialect } from '@esi/api/baremetal/dialect'
import { getHistory, listHistory } from '@esi/api/baremetal/node-routes'
import { nextLink } from '@esi/api/page'
import { isUuid } from '@esi/api/types'
import type { Context, Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { errors } from '../errors.ts'
import { type HistoryRow, historyEntry, historyOf } from '../store/history.ts'
import type { World } from '../world.ts'
import { look } from './act.ts'

const PAGE = 1000

const shown = (context: Context, node: string, row: HistoryRow, detail: boolean): Record<string, unknown> => ({
  uuid: row.uuid,
  created_at: dialect.time(row.created_at),
  severity: row.severity,
  event: !detail && row.event !== null && row.event.length > 255 ? `${row.event.slice(0, 251)}...` : row.event,
  ...(detail
    ? {
        event_type: row.event_type,
        conductor: row.conductor,
        user: row.user,
        ...(context.version >= 113 ? { project: row.project } : {}),
        ...(context.version >= 115
          ? { state: row.state, target_provision_state: row.target_provision_state, duration_seconds: row.duration_seconds }
          : {}),
      }
    : {}),
  links: [{ href: `${context.wire.base}/v1/nodes/${node}/history/${row.uuid}`, rel: 'self' }],
})

/** What happened to a node, oldest first unless it is asked otherwise. */
export const historyRoutes = (world: World, nodes: Engine): Route[] => [
  look(nodes, listHistory, async (row, context, { query }) => {
    const uuid = String(row['uuid'])
    if (query.limit !== undefined && query.limit < 0) throw errors.invalid('Limit must be positive')
    const limit = Math.min(query.limit || PAGE, PAGE)
    if (query.marker !== undefined && !(await historyEntry(world.database.db, uuid, query.marker)))
      throw errors.historyMissing(query.marker)
    const rows = await historyOf(world.database.db, uuid, {
      limit: limit + 1,
      dir: query.sort_dir ?? 'asc',
      ...(query.marker === undefined ? {} : { marker: query.marker }),
    })
    const page = rows.slice(0, limit)
    return {
      status: 200,
      body: {
        history: page.map(each => shown(context, uuid, each, query.detail === true)),
        ...(rows.length > limit ? { next: nextLink(context.wire, page.at(-1)!.uuid, limit) } : {}),
      },
    }
  }),
  nodes.on(getHistory, async (row, context, { params }) => {
    const uuid = String(row['uuid'])
    const id = params['event']!
    const entry = isUuid(id) ? await historyEntry(world.database.db, uuid, id) : undefined
    if (!entry) throw errors.historyMissing(id)
    return { status: 200, body: shown(context, uuid, entry, true) }
  }),
]
