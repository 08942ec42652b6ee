import { isAfter } from '../events/read.ts'
import type { Look, Mark, Place, Site } from './types.ts'

const changed = (was: string | null, is: string | null): boolean => was !== null && is !== null && was !== is

/** What happened to a database whose place is not what it was. */
const moved = (was: Place, is: Place): string | undefined => {
  if (changed(was.system, is.system))
    return 'the database is on another server than before: it was restored from a dump, moved, or upgraded by pg_upgrade'
  if (was.database !== is.database) return 'the database is another one than before: it was copied, or restored from a dump'
  if (was.relation !== is.relation) return 'the tables are other ones than before: they were restored from a dump'
  if (changed(was.timeline, is.timeline))
    return `the database server was promoted or recovered to a moment (timeline ${is.timeline} instead of ${was.timeline}); the last changes may be lost`
  return undefined
}

/** How the database is behind what this machine has seen of it. `mark` must have been taken before the look. */
const behind = (site: Site, head: string, mark: Mark | undefined): string | undefined => {
  if (!mark || site.before.includes(mark.incarnation)) return undefined
  if (mark.incarnation !== site.incarnation)
    return 'this machine has worked with another database, or with a later state of this one: it was rolled back, or another one was configured'
  if (isAfter(mark.head, head)) return `the database was rolled back: this machine has seen event ${mark.head}, and its last one is ${head}`
  return undefined
}

/** Why the database must not be trusted, as a sentence without a full stop; undefined while it may. */
export const suspicion = (look: Look, mark: Mark | undefined): string | undefined =>
  look.site && (moved(look.site, look.place) ?? behind(look.site, look.head, mark))
