import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store, View } from '../../../kit/resource/view.ts'
import { ruleRefusal, runbookRefusal, templateRefusal } from '../errors.ts'

const TIMES = ['created_at', 'updated_at'] as const
const columnsOf = (names: readonly string[]) => Object.fromEntries([...names, ...TIMES].map(name => [name, sql.ref(`t.${name}`)]))

const TEMPLATE = ['uuid', 'name', 'steps', 'extra'] as const
const RULE = ['uuid', 'description', 'phase', 'priority', 'sensitive', 'conditions', 'actions'] as const
const RUNBOOK = ['uuid', 'name', 'description', 'steps', 'disable_ramdisk', 'public', 'owner', 'extra'] as const

/** Administrators' things; tenants see none. */
const administrators = (table: string, columns: readonly string[]): View => ({
  from: sql`${sql.table(`baremetal.${table}`)} t`,
  columns: columnsOf(columns),
  visible: () => sql`false`,
})

export const templateStore: Store = tableStore(
  { name: 'baremetal.deploy_template', id: 'uuid', columns: TEMPLATE, json: ['steps', 'extra'], times: true, refuse: templateRefusal },
  administrators('deploy_template', TEMPLATE),
)

export const ruleStore: Store = tableStore(
  { name: 'baremetal.inspection_rule', id: 'uuid', columns: RULE, json: ['conditions', 'actions'], times: true, refuse: ruleRefusal },
  {
    ...administrators('inspection_rule', RULE),
    columns: {
      ...columnsOf(RULE),
      // What is in a sensitive rule may be a password: it is shown to nobody.
      conditions: sql`case when not t.sensitive then t.conditions end`,
      actions: sql`case when not t.sensitive then t.actions end`,
    },
  },
)

export const runbookStore: Store = tableStore(
  { name: 'baremetal.runbook', id: 'uuid', columns: RUNBOOK, json: ['steps', 'extra'], times: true, refuse: runbookRefusal },
  {
    from: sql`baremetal.runbook t`,
    columns: {
      ...columnsOf(RUNBOOK),
      traits: sql`array(select r.trait from baremetal.runbook_trait r where r.runbook = t.uuid order by r.trait)`,
    },
    visible: who => (who.project_id === undefined ? sql`t.public` : sql`t.public or t.owner = ${who.project_id}`),
  },
)

/** Replaces a runbook's traits, or adds to them. */
export const setRunbookTraits = async (tx: Tx, runbook: string, traits: readonly string[], replace: boolean): Promise<void> => {
  if (replace)
    await sql`delete from baremetal.runbook_trait where runbook = ${runbook} and trait <> all(${[...traits]}::text[])`.execute(tx.db)
  await sql`insert into baremetal.runbook_trait (runbook, trait) select ${runbook}, t from unnest(${[...traits]}::text[]) t on conflict do nothing`.execute(
    tx.db,
  )
}

export const removeRunbookTrait = async (tx: Tx, runbook: string, trait: string): Promise<void> => {
  await sql`delete from baremetal.runbook_trait where runbook = ${runbook} and trait = ${trait}`.execute(tx.db)
}

export interface RuleRow {
  readonly uuid: string
  readonly description: string | null
  readonly conditions: readonly unknown[]
  readonly actions: readonly unknown[]
}

/** Rules of the main phase, the highest priority first. */
export const rulesInOrder = async (db: Kysely<any>): Promise<RuleRow[]> => {
  const { rows } = await sql<RuleRow>`
    select uuid, description, conditions, actions from baremetal.inspection_rule where coalesce(phase, 'main') = 'main'
    order by priority desc, created_at, uuid`.execute(db)
  return rows
}
