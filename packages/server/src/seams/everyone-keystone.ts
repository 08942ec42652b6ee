import { type AccessRule, allows } from '../kit/auth/access-rules.ts'
import type { Authenticator, Caller } from '../kit/auth/caller.ts'
import type { SeamDef } from '../kit/service.ts'
import { keystoneClient } from './keystone/client.ts'
import { readKeystone } from './keystone/config.ts'
import { remember } from './keystone/memory.ts'

/** What runs here, by the types under which catalogs know it. */
interface Entry {
  readonly type: string
  readonly path: string
}

interface Known {
  readonly caller: Caller
  readonly expires: number
  readonly rules: readonly AccessRule[] | undefined
}

/** Callers come from a Keystone elsewhere, which is asked about each token once and then again after a while. */
export const everyoneKeystone: SeamDef = {
  name: 'keystone',
  consumer: 'everyone',
  need: 'identity',
  make(_door, kit, given): Authenticator {
    const { catalog = [], ...settings } = given as { readonly catalog?: readonly Entry[] }
    const config = readKeystone(settings)
    const client = keystoneClient(config, kit)
    const once = remember<Known | undefined>(config.cacheSize, config.cacheAge)

    const look = async (token: string): Promise<Known | undefined> => {
      const { status, body } = await client.get('/v3/auth/tokens?nocatalog', {
        'x-subject-token': token,
        'openstack-identity-access-rules': '1.0',
      })
      return status === 200 ? known(body.token) : undefined
    }

    return {
      async authenticate(token, access) {
        // What cannot be sent cannot be a token.
        if (!/^[\x21-\x7e]{1,8192}$/.test(token)) return undefined
        const found = await once(token, () => look(token))
        if (!found || found.expires <= kit.clock.millis()) return undefined
        if (!found.rules) return found.caller
        if (!access) return undefined
        const { prefix, method, path } = access
        const types = catalog.filter(entry => entry.path === prefix || entry.path.startsWith(`${prefix}/`)).map(entry => entry.type)
        return allows(found.rules, { types, method, paths: [path, `${prefix}${path}`] }) ? found.caller : undefined
      },
    }
  },
}

const known = (token: any): Known => ({
  expires: Date.parse(token.expires_at),
  rules: token.application_credential?.access_rules,
  caller: {
    user: { id: token.user.id, name: token.user.name, domain: token.user.domain.id },
    ...(token.project ? { project: { id: token.project.id, name: token.project.name, domain: token.project.domain.id } } : {}),
    ...(token.domain ? { domain: token.domain.id } : {}),
    ...(token.system?.all ? { system: true } : {}),
    roles: (token.roles ?? []).map((role: { name: string }) => role.name),
    ...(token.audit_ids?.[0] ? { audit: token.audit_ids[0] } : {}),
  },
})
