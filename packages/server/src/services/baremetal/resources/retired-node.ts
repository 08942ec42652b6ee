import { dialect } from '@esi/api/baremetal/dialect'
import { retiredNode } from '@esi/api/baremetal/retired-node'
import { Engine } from '../../../kit/resource/engine.ts'
import { retiredStore } from '../store/retirement.ts'
import type { World } from '../world.ts'

/** Records are read only: the retirement's conductor writes them. */
export const retiredEngine = (world: World): Engine =>
  new Engine({ resource: retiredNode, dialect, database: world.database, store: retiredStore })
