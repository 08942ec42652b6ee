import type { Entry } from '../command.ts'
import { entry } from './entry.ts'

/** The commands of the original's lease client, under its names. */
export const leasingEntries: readonly Entry[] = [
  entry('offer create', 'offer something of yours for lease', async () => (await import('../commands/offer/create.ts')).command),
  entry('offer list', 'list offers', async () => (await import('../commands/offer/list.ts')).command),
  entry('offer show', 'show an offer', async () => (await import('../commands/offer/show.ts')).command),
  entry('offer claim', 'lease what is offered, or a part of its time', async () => (await import('../commands/offer/claim.ts')).command),
  entry('offer delete', 'take an offer back', async () => (await import('../commands/offer/delete.ts')).command),
  entry('lease create', 'lease something of yours to a project', async () => (await import('../commands/lease/create.ts')).command),
  entry('lease list', 'list leases', async () => (await import('../commands/lease/list.ts')).command),
  entry('lease show', 'show a lease', async () => (await import('../commands/lease/show.ts')).command),
  entry('lease update', 'change when a lease ends', async () => (await import('../commands/lease/update.ts')).command),
  entry(
    'lease delete',
    'end a lease now, or cancel one that has not begun',
    async () => (await import('../commands/lease/delete.ts')).command,
  ),
  entry(
    'node list',
    'list the nodes you may see, with their offers and leases',
    async () => (await import('../commands/node/list.ts')).command,
  ),
  entry('event list', 'list what happened to leases and offers', async () => (await import('../commands/event/list.ts')).command),
  entry(
    'console auth token create',
    "get a token for a node's serial console",
    async () => (await import('../commands/console/auth/token/create.ts')).command,
  ),
  entry(
    'console auth token delete',
    'make all console tokens of a node worthless',
    async () => (await import('../commands/console/auth/token/delete.ts')).command,
  ),
  entry('mdc offer list', 'list the offers of several clouds', async () => (await import('../commands/mdc/offer/list.ts')).command),
  entry(
    'mdc offer claim',
    'lease so many nodes, wherever in several clouds they are free',
    async () => (await import('../commands/mdc/offer/claim.ts')).command,
  ),
  entry('mdc lease list', 'list the leases of several clouds', async () => (await import('../commands/mdc/lease/list.ts')).command),
]
