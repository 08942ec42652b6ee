import { KIT_DB, type Migrations } from '../kit/db/migrate.ts'
import { KIT_HOLD } from '../kit/hold/schema.ts'
import { KIT_WORK } from '../kit/work/schema.ts'
import { services } from '../services.ts'

/** Everything that makes tables, of all services there are, whichever run here; in the order of a first start. */
export const folders: readonly Migrations[] = [KIT_DB, KIT_WORK, KIT_HOLD, ...services.map(s => ({ schema: s.name, folder: s.migrations }))]
