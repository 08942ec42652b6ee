import type { Story } from './question.ts'
import { identity } from './stories/identity.ts'
import { nodes } from './stories/nodes.ts'

export const stories: readonly Story[] = [...identity, ...nodes]
