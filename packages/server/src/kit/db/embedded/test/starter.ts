import { silent } from '../../../testing/silent-log.ts'
import { startEmbedded } from '../start.ts'

/** A process of its own: starts the server in the folder it is given, says so in one line, and stops when its input ends. */
const server = await startEmbedded({ folder: process.argv[2]!, fsync: false, log: silent })
process.stdout.write(`${JSON.stringify({ pid: server.pid, url: server.url })}\n`)
process.stdin.resume().once('end', () => void server.stop())
