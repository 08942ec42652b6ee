import { section } from '../../kit/config/read.ts'
import { type ConfigOf, choice, duration, list, text } from '../../kit/config/setting.ts'

/** An Ironic elsewhere, and the user by which leasing asks it: one that may see and change every node. */
export const ironicTable = {
  authUrl: text({
    required: true,
    pattern: /^https?:\/\/\S+$/,
    like: 'an http(s) URL',
    doc: 'The Keystone that knows our user, with or without /v3.',
  }),
  username: text({ required: true, doc: 'The service user.' }),
  password: text({ required: true, secret: true, doc: 'Its password.' }),
  userDomain: text({ default: 'Default', doc: 'The name of its domain.' }),
  project: text({ doc: 'The project that it logs in to. Without it: the system.' }),
  projectDomain: text({ default: 'Default', doc: 'The name of that project’s domain.' }),
  url: text({
    pattern: /^https?:\/\/\S+$/,
    like: 'an http(s) URL',
    doc: 'Where Ironic is, without /v1. Without it: where the catalog says.',
  }),
  interface: choice(['internal', 'public', 'admin'], { default: 'internal', doc: 'Which of its addresses in the catalog.' }),
  region: text({ doc: 'In which region of the catalog. Without it: the first.' }),
  certificates: text({ doc: 'File with the certificates to trust, PEM. Without it: those of the machine.' }),
  timeout: duration({ default: '20s', doc: 'How long one answer may take.' }),
  cleanSteps: list({
    of: 'INTERFACE.STEP',
    pattern: /^[a-z_]+\.\w+$/,
    doc: 'What makes a node clean, such as deploy.erase_devices: run between two leases, and its success is the proof. Without it Ironic’s automated cleaning does it, of whose steps nobody tells.',
  }),
  lookAgain: duration({ default: '5s', doc: 'How often a node is looked at that is being made ready.' }),
} as const

export type IronicConfig = ConfigOf<typeof ironicTable>

export const readIronic: (given: unknown) => IronicConfig = section('ironic', ironicTable)
