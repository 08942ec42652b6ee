import { Refused } from '@esi/api/dialect'

/** Throws where a token that was lent would reach beyond the one project that it was lent for. Null is the user's own, of no project. */
export const withinProject = (project: string | undefined, of: unknown, what: string): void => {
  if (project === undefined || project === of) return
  throw new Refused(
    'forbidden',
    `You are not authorized to perform the requested action: ${what} project does not match the project scope of the delegated token.`,
  )
}
