import { nodeTransport } from '@esi/client'
import { type Command, UsageError } from '../../command.ts'
import { certificate } from './certificate.ts'
import { examine } from './checks.ts'
import { proveCalendar } from './prove.ts'

const PROVING = ['owner', 'lessee', 'processes', 'claims', 'resource', 'resource-type', 'url'] as const

export const command: Command = {
  brief: 'look whether everything works, and say what to do if not',
  doc:
    'Looks at the login, the clock, the versions and every service of the catalog. With --prove-calendar: offers something of an owner far in ' +
    'the future, has many processes claim the same hour of it at once, and checks that one of them gets it. No machine is touched, and what ' +
    'was made is removed. Exit status 1 if anything is not as it must be.',
  options: {
    'prove-calendar': { doc: 'prove that a time cannot be leased twice' },
    owner: { doc: 'the cloud of clouds.yaml that offers; owner1 if left out', values: ['cloud'] },
    lessee: { doc: 'the cloud that claims; lessee1 if left out', values: ['cloud'] },
    processes: { doc: 'how many processes claim; 4 if left out', values: ['n'] },
    claims: { doc: 'how many claims they send altogether; 200 if left out', values: ['n'] },
    resource: { doc: 'what is offered; a test node if left out, or else the first node of the owner', values: ['resource'] },
    'resource-type': { doc: 'its type; a node if left out', values: ['type'] },
    url: { doc: 'a replica to send claims to, instead of where the catalog leads; repeat for more', values: ['url'], repeat: true },
  },
  examples: ['esi doctor', 'esi doctor --prove-calendar --processes 8 --claims 1000'],
  async run(face, given) {
    if (given.has('prove-calendar')) return { text: await proveCalendar(face, given) }
    for (const name of PROVING) if (given.has(name)) throw new UsageError(`--${name} is for --prove-calendar.`)
    const session = await face.session()
    const verify = given.has('insecure') ? false : session.cloud.verify
    const now = () => Date.now()
    const findings = [
      ...(await examine(session, nodeTransport({ verify, timeout: 15_000 }), now)),
      ...(await certificate(session.cloud.authUrl, now)),
    ]
    const width = Math.max(...findings.map(f => f.what.length))
    const lines = findings.flatMap(f => [
      `${f.advice ? '! ' : '  '}${f.what.padEnd(width)}  ${f.is}`,
      ...(f.advice ? [`  ${' '.repeat(width)}  -> ${f.advice}`] : []),
    ])
    const wrong = findings.filter(f => f.advice).length
    if (wrong > 0) throw new Error(`${lines.join('\n')}\n${wrong} of ${findings.length} are not as they should be.`)
    return { text: `${lines.join('\n')}\nAll is well.` }
  },
}
