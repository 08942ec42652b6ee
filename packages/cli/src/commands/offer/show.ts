import type { Command } from '../../command.ts'
import { offers } from '../../services.ts'
import { oneOf } from '../../show.ts'
import { whole } from './shape.ts'

export const command: Command = {
  brief: 'show an offer',
  args: [{ name: 'uuid', doc: 'the offer, by UUID or name' }],
  prints: 'one',
  run: async (face, given) => oneOf(whole, await (await offers(face)).show(given.arg('uuid'))),
}
