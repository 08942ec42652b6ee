/** Who asks. Comes from the token alone; a request can say nothing about it. */
export interface Caller {
  readonly user: { readonly id: string; readonly name: string; readonly domain: string }
  readonly project?: { readonly id: string; readonly name: string; readonly domain: string }
  /** The token is for a whole domain. */
  readonly domain?: string
  /** The token is for the whole system. */
  readonly system?: boolean
  /** Names, with all that they imply. */
  readonly roles: readonly string[]
  /** Identifies the token in the audit trail; not the token. */
  readonly audit?: string
}

/** The caller as policy rules know it (oslo.context's names). */
export interface Credentials {
  readonly user_id: string
  readonly project_id?: string
  readonly domain_id?: string
  readonly user_domain_id: string
  readonly project_domain_id?: string
  readonly project_name?: string
  readonly system_scope?: 'all'
  /** What the token is for. */
  readonly scope?: 'project' | 'domain' | 'system' | 'none'
  readonly roles: readonly string[]
  readonly [attribute: string]: unknown
}

export const credentials = (caller: Caller): Credentials => ({
  user_id: caller.user.id,
  user_domain_id: caller.user.domain,
  ...(caller.project ? { project_id: caller.project.id, project_domain_id: caller.project.domain, project_name: caller.project.name } : {}),
  ...(caller.domain ? { domain_id: caller.domain } : {}),
  ...(caller.system ? { system_scope: 'all' as const } : {}),
  scope: caller.project ? 'project' : caller.domain ? 'domain' : caller.system ? 'system' : 'none',
  roles: caller.roles,
})

/** Where the kit gets callers from: a seam to whichever identity service there is. `undefined`: the token is not valid. */
export interface Authenticator {
  authenticate(token: string, access?: Access): Promise<Caller | undefined>
}

/** What the request is about to do: some tokens are good for some of it only. */
export interface Access {
  /** Of the service: `/baremetal`. */
  readonly prefix: string
  readonly method: string
  /** Below the prefix: `/v1/nodes`. */
  readonly path: string
}
