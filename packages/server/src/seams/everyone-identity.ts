import type { Authenticator } from '../kit/auth/caller.ts'
import type { SeamDef } from '../kit/service.ts'
import type { IdentityDoor } from '../services/identity/index.ts'

/** Callers come from the identity service that runs in this process. */
export const everyoneIdentity: SeamDef = {
  name: 'identity',
  consumer: 'everyone',
  need: 'identity',
  provider: 'identity',
  make: (door: IdentityDoor): Authenticator => ({ authenticate: (token, access) => door.authenticate(token, access) }),
}
