import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Document, isMap, parseDocument, stringify } from 'yaml'

export interface Login {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly project: string
  readonly region: string
}

/** An entry of clouds.yaml, for every client that reads one. */
export const cloudEntry = ({ url, user, password, project, region }: Login): object => ({
  auth: {
    auth_url: `${url}/identity`,
    username: user,
    password,
    project_name: project,
    user_domain_id: 'default',
    project_domain_id: 'default',
  },
  region_name: region,
  identity_api_version: 3,
})

/** As text to be put into a file by hand. */
export const cloudText = (name: string, login: Login): string => stringify({ clouds: { [name]: cloudEntry(login) } })

/** Whether a clouds.yaml has an entry of that name. */
export const hasCloud = (file: string, name: string): boolean =>
  existsSync(file) && parseDocument(readFileSync(file, 'utf8')).hasIn(['clouds', name])

/** Puts it into a clouds.yaml; what else stands there stays, also comments. Only its user may read the file afterwards. */
export const writeCloud = (file: string, name: string, login: Login): void => {
  const document: Document = existsSync(file) ? parseDocument(readFileSync(file, 'utf8')) : parseDocument('')
  if (document.errors.length > 0) throw new Error(`${file} is no YAML: ${document.errors[0]!.message}`)
  if (document.contents !== null && !isMap(document.contents)) throw new Error(`${file} is no clouds.yaml: it must be a map with "clouds".`)
  document.setIn(['clouds', name], document.createNode(cloudEntry(login)))
  writeFileSync(`${file}.new`, document.toString(), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
