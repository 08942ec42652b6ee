import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'

interface CloudEntry {
  auth: { auth_url: string; username: string; password: string; project_name: string; user_domain_id: string; project_domain_id: string }
  region_name: string
  identity_api_version: number
}

/** Passwords of the sandbox: made once, kept in its clouds.yaml, which only its user may read. */
export const readPasswords = (file: string, names: readonly string[]): Map<string, string> => {
  const known = existsSync(file)
    ? ((parse(readFileSync(file, 'utf8')) as { clouds?: Record<string, CloudEntry> } | null)?.clouds ?? {})
    : {}
  return new Map(names.map(name => [name, known[name]?.auth.password ?? randomBytes(12).toString('base64url')]))
}

/** Writes clouds.yaml for every client that reads one: openstack, openstacksdk, and ours. */
export const writeClouds = (file: string, url: string, passwords: ReadonlyMap<string, string>): void => {
  const clouds = Object.fromEntries(
    [...passwords].map(([name, password]): [string, CloudEntry] => [
      name,
      {
        auth: {
          auth_url: `${url}/identity`,
          username: name,
          password,
          project_name: name,
          user_domain_id: 'default',
          project_domain_id: 'default',
        },
        region_name: 'RegionOne',
        identity_api_version: 3,
      },
    ]),
  )
  const text = `# Logins of this sandbox. Use one with OS_CLOUD=lessee1, for example.\n${stringify({ clouds })}`
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
