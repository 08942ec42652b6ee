import type { Story } from './question.ts'
import { identity } from './stories/identity.ts'
import { nodes } from './stories/nodes.ts'
import { parts } from './stories/parts.ts'
import { rights } from './stories/rights.ts'

export const stories: readonly Story[] = [...identity, ...nodes, ...parts, ...rights]
