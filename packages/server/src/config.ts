import { choice, flag, integer, list, sections, text } from './kit/config/setting.ts'

/** The configuration of a site, without what belongs to a service: each reads its own section. */
export const siteTable = {
  listen: text({
    doc: 'Address and port that the API listens on.',
    default: '127.0.0.1:7777',
    pattern: /^\S+:\d{1,5}$/,
    like: 'HOST:PORT',
  }),
  publicUrl: text({
    doc: 'What clients call us, behind a proxy or under a name. Without it links follow the host that the client called.',
    pattern: /^https?:\/\/[^/]+$/,
    like: 'http(s)://host[:port] without a path',
  }),
  state: text({ doc: 'Folder for what is ours on this machine: the embedded database, keys, caches.', required: true }),
  services: list({ doc: 'The services that this process runs. Without it: all.' }),
  tls: {
    certificate: text({ doc: 'File with the certificate chain, PEM. With it the API speaks HTTPS. Followed when it changes.' }),
    key: text({ doc: 'File with its private key, PEM. Followed when it changes.' }),
  },
  database: {
    url: text({ doc: 'A PostgreSQL of yours, 15 or newer. Without it an embedded one runs below the state folder.', secret: true }),
    sessionUrl: text({ doc: 'Leads to the server itself where url leads through a transaction pooler.', secret: true }),
    connections: integer({ doc: 'Most connections of this process to the database.', default: 16, min: 4, max: 500 }),
  },
  masterKeys: text({
    doc: 'File with the master keys that seal secrets in the database, the newest first. Without it: keys/master below the state folder, made at the first start.',
  }),
  policy: text({ doc: "File with the operator's policy rules, YAML; over the defaults, followed when it changes." }),
  log: {
    level: choice(['debug', 'info', 'warn', 'error', 'silent'], { doc: 'What is logged.', default: 'info' }),
    format: choice(['json', 'text'], { doc: 'One JSON object a line, or lines for people. Without it: text on a terminal, else json.' }),
  },
  conduct: flag({ doc: 'Whether this process runs conductors; a pure API process does not.', default: true }),
  seams: sections({
    doc: 'Which seam meets a need that can be met in several ways, by consumer and need, such as leasing.things: baremetal.',
  }),
  keystone: sections({
    doc: 'A Keystone elsewhere, for seams of that name (seams: { everyone.identity: keystone }): url, username, password (or password_file), userDomain, project, projectDomain, certificates, cacheAge, cacheSize, timeout.',
  }),
  ironic: sections({
    doc: 'An Ironic elsewhere, for leasing (seams: { leasing.things: ironic }): authUrl, username, password (or password_file), userDomain, project, projectDomain, url, interface, region, certificates, timeout, cleanSteps, lookAgain.',
  }),
  identity: sections({ doc: 'The identity service; see its own table.' }),
  baremetal: sections({ doc: 'The bare-metal service; see its own table.' }),
  leasing: sections({ doc: 'The leasing service; see its own table.' }),
} as const
