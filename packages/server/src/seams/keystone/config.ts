import { section } from '../../kit/config/read.ts'
import { type ConfigOf, duration, integer, text } from '../../kit/config/setting.ts'

/** A Keystone elsewhere, and the user by which we ask it: one with the role `service`, and `reader` in the system for projects. */
export const keystoneTable = {
  url: text({ required: true, pattern: /^https?:\/\/\S+$/, like: 'an http(s) URL', doc: 'Its address, with or without /v3.' }),
  username: text({ required: true, doc: 'The service user.' }),
  password: text({ required: true, secret: true, doc: 'Its password.' }),
  userDomain: text({ default: 'Default', doc: 'The name of its domain.' }),
  project: text({ doc: 'The project that it logs in to. Without it: the system.' }),
  projectDomain: text({ default: 'Default', doc: 'The name of that project’s domain.' }),
  certificates: text({ doc: 'File with the certificates to trust, PEM. Without it: those of the machine.' }),
  cacheAge: duration({ default: '5s', doc: 'For how long an answer is believed: so late a revocation may be seen.' }),
  cacheSize: integer({ default: 20_000, doc: 'Tokens that are remembered.' }),
  timeout: duration({ default: '10s', doc: 'How long one answer may take.' }),
} as const

export type KeystoneConfig = ConfigOf<typeof keystoneTable>

export const readKeystone: (given: unknown) => KeystoneConfig = section('keystone', keystoneTable)
