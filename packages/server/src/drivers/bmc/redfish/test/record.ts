/** `node …/record.ts`: writes the transcripts anew, from the lab's BMCs. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { redfish } from '../../redfish.ts'
import { Transcript } from '../transcript.ts'
import { play } from './player.ts'
import { story } from './story.ts'

const LAB = fileURLToPath(new URL('../../../../../../lab/bin/esi-lab.mjs', import.meta.url))
const FLAVOURS = ['idrac', 'ilo', 'xcc', 'supermicro']
const PASSWORD = 'correct horse'

const folder = mkdtempSync(join(tmpdir(), 'esi-record-'))
const machines = FLAVOURS.map((flavour, i) => ({
  name: flavour,
  flavour,
  address: `127.77.9.${i + 1}`,
  disks: [{ gb: 10, os: 'linux' }, { gb: 10 }],
}))
writeFileSync(join(folder, 'rack.yaml'), JSON.stringify({ password: PASSWORD, machines }))
const args = ['start', '--folder', folder, '--config', join(folder, 'rack.yaml'), '--speed', '100', '--parent', String(process.pid)]
const lab = spawn(process.execPath, [LAB, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  for await (const _ of createInterface({ input: lab.stdout })) break
  const file = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8'))
  const secrets = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8'))
  for (const name of FLAVOURS) {
    const at = file.machines.find((m: { name: string }) => m.name === name)
    const transcript = new Transcript([PASSWORD])
    const driver = redfish({ heard: transcript.heard })
    const settings = { redfish_username: secrets.machines[name].user, redfish_password: PASSWORD, redfish_verify_ca: file.ca }
    await story(driver.open({ redfish_address: at.address, ...settings }), 50)
    await driver.close!()
    // What it tells of what was written down, where names and addresses are others.
    const player = await play(transcript.exchanges)
    const again = redfish({ wait: async () => undefined })
    const told = await story(again.open({ redfish_address: player.origin, ...settings, redfish_verify_ca: true }), 1)
    await again.close!()
    await player.stop()
    if (player.wrong.length > 0) throw new Error(`${name}: ${player.wrong.join('\n')}`)
    const lines = [told, ...transcript.exchanges].map(each => JSON.stringify(each))
    writeFileSync(new URL(`../transcripts/${name}.jsonl`, import.meta.url), `${lines.join('\n')}\n`)
    console.log(name, transcript.exchanges.length)
  }
} finally {
  lab.kill()
  rmSync(folder, { recursive: true, force: true })
}
