import { Refused } from '@esi/api/dialect'
import { type Instant, naive } from '@esi/api/time'

/** What leasing refuses, in the original's words where it has any; their statuses are what a client can act on. */
export const refused = {
  noResource: (type: string, ident: string) => new Refused('missing', `There is no ${type} "${ident.slice(0, 255)}".`),
  unknownType: (type: string, known: readonly string[]) =>
    new Refused('invalid', `${type.slice(0, 100)} resource type unknown. There are ${known.join(', ')}.`),
  noProject: (ident: string) => new Refused('invalid', `No project named ${ident.slice(0, 255)}.`),
  noProjectOfToken: () => new Refused('forbidden', 'The token is for no project; leasing needs one.'),
  notYours: (type: string, ident: string) => new Refused('forbidden', `Access was denied to ${type} ${ident}.`),
  notYoursThen: (type: string, ident: string, start: Instant, end: Instant) =>
    new Refused('forbidden', `You do not have permissions on ${type} ${ident} for the time range ${naive(start)} - ${naive(end)}.`),
  duplicate: (plural: string, name: string) =>
    new Refused('conflict', `Duplicate ${plural} with name ${name.slice(0, 255)}: use the uuid.`),
  notAvailable: (offer: string, status: string) =>
    new Refused('conflict', `Offer ${offer} does not have status "available". Got offer status "${status}".`),
  notOpen: (lease: string, status: string) => new Refused('conflict', `Lease ${lease} has ended or is ending: its status is "${status}".`),
  tooLong: (days: number) =>
    new Refused(
      'forbidden',
      `Attempted to create lease with an invalid time range. The max time range is ${Number(days.toFixed(3))} days.`,
    ),
  tooMany: (most: number) =>
    new Refused('forbidden', `The project has ${most} leases that have not ended, and may have no more at once.`, {
      detail: { conflict: { rule: 'maxLeasesPerProject', limit: most } },
    }),
  halfRange: (what: string, names: string) =>
    new Refused(
      'invalid',
      `Attempted to get ${what} resource without providing both a valid ${names}: the first must be before the second.`,
    ),
  notLeasable: (type: string, ident: string, why: string) =>
    new Refused('conflict', `${type} ${ident} cannot be leased to another project: ${why}.`),
  leavesThen: (type: string, ident: string, at: Instant) =>
    new Refused('conflict', `${type} ${ident} leaves the pool at ${naive(at)}: nothing of it can be booked beyond that.`, {
      detail: { conflict: { rule: 'leaves', leaves_at: naive(at) } },
    }),
  noConsole: () => new Refused('unavailable', 'There is no console service here: consoleUrl is not set.'),
} as const
