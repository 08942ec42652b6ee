import type { Story } from './question.ts'
import { nodes } from './stories/nodes.ts'

export const stories: readonly Story[] = [...nodes]
