import type { Plan } from '@esi/api/baremetal/day2'
import type { node as table } from '@esi/api/baremetal/node'
import type { ResourceClient } from '@esi/client'
import type { Face, Output } from '../../command.ts'

type Nodes = ResourceClient<typeof table.fields>

/** Asks for work on a node below its path, or with `--dry-run` what it would be. */
export const askPlan = async (face: Face, nodes: Nodes, node: string, path: readonly string[], body: object): Promise<Plan> =>
  (await nodes.call('POST', nodes.one(node, ...path), body, face.dryRun ? new URLSearchParams({ dry_run: 'true' }) : undefined)) as Plan

/** What is or would be done, and whom it touches, as lines for a person. */
export const planText = (face: Face, { node, does, affects }: Plan): Output => ({
  text: [
    `${face.dryRun ? 'Nothing was changed. This would be done with' : 'Asked for'} node ${node.name ?? node.uuid}:`,
    ...does.map(line => `  - ${line}`),
    ...(affects.length > 0 ? ['Who notices:'] : ['Nobody else notices.']),
    ...affects.map(({ project, as, how }) => `  - ${as} ${project}: ${how}`),
  ].join('\n'),
})
