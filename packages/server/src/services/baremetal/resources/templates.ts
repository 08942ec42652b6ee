import { deployTemplate } from '@esi/api/baremetal/deploy-template'
import { dialect } from '@esi/api/baremetal/dialect'
import { inspectionRule } from '@esi/api/baremetal/inspection-rule'
import { runbook } from '@esi/api/baremetal/runbook'
import { trait } from '@esi/api/baremetal/types'
import { Unfit } from '@esi/api/types'
import type { Context } from '../../../kit/http/route.ts'
import { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { errors } from '../errors.ts'
import { links } from '../links.ts'
import { ruleStore, runbookStore, templateStore } from '../store/templates.ts'
import type { World } from '../world.ts'

const linked = (rows: Item[], context: Context, path: string): void => {
  for (const row of rows) row['links'] = links(context, `${path}/${row['uuid']}`)
}

export const templateEngine = (world: World): Engine =>
  new Engine({
    resource: deployTemplate,
    dialect,
    database: world.database,
    store: templateStore,
    behaviour: { compute: (rows, context) => linked(rows, context, 'deploy_templates') },
  })

export const ruleEngine = (world: World): Engine =>
  new Engine({
    resource: inspectionRule,
    dialect,
    database: world.database,
    store: ruleStore,
    behaviour: {
      prepare: draft => checkPhase(draft),
      beforeUpdate(current, values) {
        checkPhase(values)
        if (current['sensitive'] && values['sensitive'] === false)
          throw errors.invalid('Inspection rules cannot have the sensitive flag unset.')
      },
      compute: (rows, context) => linked(rows, context, 'inspection_rules'),
    },
  })

const checkPhase = (values: Item): void => {
  if (values['phase'] === null) values['phase'] = 'main'
  if (values['phase'] !== undefined && values['phase'] !== 'main')
    throw errors.invalid(`Invalid phase: ${String(values['phase'])}. Valid phases are: main`)
}

/** Whoever owns a runbook sees and changes it; a public one has no owner and is made by administrators only. */
export const runbookEngine = (world: World): Engine =>
  new Engine({
    resource: runbook,
    dialect,
    database: world.database,
    store: runbookStore,
    behaviour: {
      ties(draft, context) {
        checkRunbookName(draft, context)
        if (context.may('baremetal:runbook:update:owner')) return
        // A token for a domain has no project that could own it.
        if (context.project === undefined) context.require('baremetal:runbook:update:owner')
        if (draft['owner'] !== null && draft['owner'] !== context.project)
          throw errors.invalid('Cannot create a runbook as a project scoped admin with an owner other than your own project.')
        if (draft['public']) throw errors.invalid('Cannot create a public runbook as a project scoped admin.')
        draft['owner'] = context.project ?? null
      },
      prepare: draft => {
        if (draft['public'] && draft['owner'] !== null) throw errors.invalid('There cannot be an owner for a public runbook')
      },
      beforeUpdate(current, values, context) {
        if (values['name'] !== undefined) checkRunbookName(values, context)
        const open = (values['public'] ?? current['public']) as boolean
        if (open && typeof values['owner'] === 'string') throw errors.invalid('There cannot be an owner for a public runbook')
        if (open) values['owner'] = null
      },
      compute: (rows, context) => linked(rows, context, 'runbooks'),
    },
  })

/** Before runbooks had traits, their name was the one. */
const checkRunbookName = (values: Readonly<Item>, context: Context): void => {
  if (context.version >= 112) return
  try {
    trait().parse(values['name'])
  } catch (e) {
    if (e instanceof Unfit) throw errors.invalid(`"name" ${e.message}.`)
    throw e
  }
}
