import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** How to log in and where, as `clouds.yaml` and the `OS_*` variables say it (openstacksdk's names). */
export interface Cloud {
  readonly name?: string
  readonly authUrl: string
  readonly auth: Credentials
  readonly region?: string
  readonly interface?: string
  readonly verify: boolean | string
  /** Addresses that replace the catalog's, by service type. */
  readonly endpoints: Readonly<Record<string, string>>
  /** Default microversion of the bare-metal service. */
  readonly baremetalVersion?: string
}

export type Credentials =
  | { readonly kind: 'token'; readonly token: string; readonly scope: Scope }
  | {
      readonly kind: 'password'
      readonly user: { readonly id?: string; readonly name?: string; readonly domain: Domain }
      readonly password: string
      readonly scope: Scope
    }
  | {
      readonly kind: 'application credential'
      readonly id?: string
      readonly name?: string
      readonly user?: string
      readonly domain?: Domain
      readonly secret: string
    }
  | OidcCredentials
  | { readonly kind: 'none'; readonly endpoint: string }

/** A user whom an OpenID Connect provider knows. */
export interface OidcCredentials {
  readonly kind: 'oidc'
  /** The provider's id in the identity service, and how it is spoken to. */
  readonly provider: string
  readonly protocol: string
  /** Its access token, or how to get one on another device. */
  readonly by:
    | { readonly accessToken: string }
    | { readonly discovery: string; readonly clientId: string; readonly clientSecret?: string; readonly scope: string }
  readonly scope: Scope
}

export interface Domain {
  readonly id?: string
  readonly name?: string
}

export type Scope = {
  readonly project?: { readonly id?: string; readonly name?: string; readonly domain: Domain }
  readonly domain?: Domain
  readonly system?: boolean
}

/** What a person must do to be able to log in. */
export class CloudError extends Error {}

type Settings = Readonly<Record<string, any>>

export interface CloudChoice {
  readonly cloud?: string
  readonly environment: NodeJS.ProcessEnv
  /** Options of the command line, by the names of `OS_*` variables without `OS_`, in lower case: `auth_url`. */
  readonly options?: Readonly<Record<string, string | undefined>>
  readonly folder?: string
}

/** Where clouds.yaml is looked for, first found counts; a lab's own folder comes right after the working folder. */
export const cloudFiles = (environment: NodeJS.ProcessEnv, folder: string): string[] => {
  const named = environment['OS_CLIENT_CONFIG_FILE']
  if (named) return [named]
  const home = environment['XDG_CONFIG_HOME'] ?? join(environment['HOME'] ?? homedir(), '.config')
  return [
    join(folder, 'clouds.yaml'),
    join(folder, '.esi', 'clouds.yaml'),
    join(home, 'openstack', 'clouds.yaml'),
    '/etc/openstack/clouds.yaml',
  ]
}

/** All clouds of the first clouds.yaml, merged with the secure.yaml beside it. */
export const readClouds = async (
  choice: CloudChoice,
): Promise<{ file: string | undefined; clouds: Readonly<Record<string, Settings>> }> => {
  const file = cloudFiles(choice.environment, choice.folder ?? process.cwd()).find(existsSync)
  if (!file) return { file, clouds: {} }
  const { parse } = await import('yaml')
  const read = (path: string): Record<string, Settings> => {
    try {
      return (parse(readFileSync(path, 'utf8')) as { clouds?: Record<string, Settings> } | null)?.clouds ?? {}
    } catch (e) {
      throw new CloudError(`${path} cannot be read: ${(e as Error).message}`)
    }
  }
  const secure = file.replace(/clouds\.ya?ml$/, 'secure.yaml')
  const clouds = read(file)
  if (secure !== file && existsSync(secure))
    for (const [name, more] of Object.entries(read(secure)))
      clouds[name] = { ...clouds[name], ...more, auth: { ...clouds[name]?.['auth'], ...more['auth'] } }
  return { file, clouds }
}

/** The cloud that was chosen: by option, by `OS_CLOUD`, by `OS_*` variables, or the only one there is. */
export const chooseCloud = async (choice: CloudChoice): Promise<Cloud> => {
  const env = choice.environment
  const option = (name: string): string | undefined => choice.options?.[name] ?? (env[`OS_${name.toUpperCase()}`] || undefined)
  const wanted = choice.cloud ?? env['OS_CLOUD']
  const { file, clouds } = wanted || !option('auth_url') ? await readClouds(choice) : { file: undefined, clouds: {} }
  if (wanted && !clouds[wanted])
    throw new CloudError(
      file
        ? `There is no cloud "${wanted}" in ${file}; it has ${Object.keys(clouds).join(', ') || 'none'}.`
        : `There is no clouds.yaml to find the cloud "${wanted}" in.`,
    )
  const names = Object.keys(clouds)
  const name = wanted ?? (option('auth_url') ? undefined : names.length === 1 ? names[0] : undefined)
  if (name === undefined && !option('auth_url'))
    throw new CloudError(
      names.length > 0
        ? `Say which cloud: --os-cloud or OS_CLOUD, one of ${names.join(', ')} (from ${file}).`
        : 'Say where and how to log in: OS_CLOUD with a clouds.yaml, or OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and OS_PROJECT_NAME.',
    )
  return cloudOf(name, name === undefined ? {} : clouds[name]!, option)
}

const cloudOf = (name: string | undefined, settings: Settings, option: (name: string) => string | undefined): Cloud => {
  const auth = (settings['auth'] ?? {}) as Settings
  const get = (key: string, ...aliases: string[]): string | undefined => {
    for (const each of [key, ...aliases]) {
      const value = option(each) ?? auth[each] ?? settings[each]
      if (value !== undefined && value !== null && value !== '') return String(value)
    }
    return undefined
  }
  const endpoints: Record<string, string> = {}
  for (const [key, value] of Object.entries(settings))
    if (key.endsWith('_endpoint_override')) endpoints[key.slice(0, -18).replaceAll('_', '-')] = String(value)
  const authType = get('auth_type') ?? 'password'
  const authUrl = get('auth_url')
  if (authType === 'none') {
    const endpoint = get('endpoint')
    if (!endpoint) throw new CloudError('auth_type none needs an endpoint.')
    return { ...(name ? { name } : {}), authUrl: endpoint, auth: { kind: 'none', endpoint }, verify: true, endpoints }
  }
  if (!authUrl) throw new CloudError(`${name ? `The cloud "${name}"` : 'The environment'} has no auth_url.`)
  const verifyText = get('verify', 'insecure')
  const region = get('region_name')
  const version = get('baremetal_api_version')
  const face = get('interface')
  return {
    ...(name ? { name } : {}),
    authUrl,
    auth: credentialsOf(authType, get),
    ...(region ? { region } : {}),
    ...(face ? { interface: face } : {}),
    verify:
      get('cacert') ?? !(verifyText === 'false' || verifyText === 'False' || get('insecure') === 'true' || get('insecure') === 'True'),
    endpoints,
    ...(version ? { baremetalVersion: version } : {}),
  }
}

const credentialsOf = (authType: string, get: (key: string, ...aliases: string[]) => string | undefined): Credentials => {
  const domain = (prefix: string): Domain => {
    const id = get(`${prefix}domain_id`)
    const named = get(`${prefix}domain_name`)
    return id ? { id } : named ? { name: named } : { id: get('default_domain') ?? 'default' }
  }
  const scope = (): Scope => {
    if (get('system_scope')) return { system: true }
    const id = get('project_id', 'tenant_id')
    const named = get('project_name', 'tenant_name')
    if (id) return { project: { id, domain: domain('project_') } }
    if (named) return { project: { name: named, domain: domain('project_') } }
    if (get('domain_id')) return { domain: { id: get('domain_id')! } }
    if (get('domain_name')) return { domain: { name: get('domain_name')! } }
    return {}
  }
  const need = (what: string, value: string | undefined): string => {
    if (value === undefined) throw new CloudError(`To log in, ${what} is needed.`)
    return value
  }
  if (authType.endsWith('applicationcredential')) {
    const id = get('application_credential_id')
    const named = get('application_credential_name')
    const secret = need('application_credential_secret', get('application_credential_secret'))
    return id
      ? { kind: 'application credential', id, secret }
      : {
          kind: 'application credential',
          name: need('application_credential_name', named),
          user: need('username', get('username')),
          domain: domain('user_'),
          secret,
        }
  }
  if (authType.startsWith('v3oidc')) {
    const provider = need('identity_provider', get('identity_provider'))
    const protocol = need('protocol', get('protocol'))
    const shared = { kind: 'oidc' as const, provider, protocol, scope: scope() }
    if (authType === 'v3oidcaccesstoken') return { ...shared, by: { accessToken: need('access_token', get('access_token')) } }
    if (authType !== 'v3oidcdeviceauthz')
      throw new CloudError(`The auth_type "${authType}" is not known; there are v3oidcdeviceauthz and v3oidcaccesstoken.`)
    const secret = get('client_secret')
    return {
      ...shared,
      by: {
        discovery: need('discovery_endpoint', get('discovery_endpoint')),
        clientId: need('client_id', get('client_id')),
        ...(secret ? { clientSecret: secret } : {}),
        scope: get('openid_scope') ?? 'openid profile',
      },
    }
  }
  if (authType.endsWith('token')) return { kind: 'token', token: need('token', get('token')), scope: scope() }
  if (!authType.endsWith('password'))
    throw new CloudError(
      `The auth_type "${authType}" is not known; there are password, token, v3applicationcredential, v3oidcdeviceauthz and v3oidcaccesstoken.`,
    )
  const id = get('user_id')
  const named = get('username', 'user_name')
  if (!id && !named) throw new CloudError('To log in, username is needed (OS_USERNAME, or a cloud in clouds.yaml).')
  return {
    kind: 'password',
    user: { ...(id ? { id } : { name: named! }), domain: domain('user_') },
    password: need('password', get('password')),
    scope: scope(),
  }
}
