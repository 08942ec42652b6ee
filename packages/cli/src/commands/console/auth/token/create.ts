import type { Command } from '../../../../command.ts'
import { callLeasing } from '../../../../services.ts'
import { oneOf } from '../../../../show.ts'
import { present } from '../../../../values.ts'

export const command: Command = {
  brief: "get a token for a node's serial console",
  args: [{ name: 'node', doc: 'the node, by UUID or name' }],
  options: { 'token-ttl': { doc: 'how many seconds it is good for', values: ['seconds'] } },
  prints: 'one',
  async run(face, given) {
    const ttl = given.one('token-ttl')
    const body = present({ node_uuid_or_name: given.arg('node'), token_ttl: ttl === undefined ? undefined : Number(ttl) })
    return oneOf(['access_url', 'node_uuid', 'token'], await callLeasing(await face.session(), 'POST', '/v1/console_auth_tokens', body))
  },
}
