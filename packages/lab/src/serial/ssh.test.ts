import { once } from 'node:events'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LabProcess, startLabProcess } from '../testing/process.ts'

let lab: LabProcess
beforeAll(async () => {
  const disks = [{ gb: 10, os: 'linux' }]
  lab = await startLabProcess({
    rack: {
      password: 'calvin-1',
      machines: [
        { name: 'a', flavour: 'idrac', disks },
        { name: 'b', flavour: 'supermicro', disks },
      ],
    },
  })
})
afterAll(() => lab?.stop())

const login = async (name: string, password = 'calvin-1') => {
  const client = new ssh2.Client()
  const over = Promise.race([once(client, 'ready'), once(client, 'error').then(([error]) => Promise.reject(error))])
  client.on('error', () => undefined)
  client.connect({ host: lab.machine(name).host, port: lab.file.ssh.port, username: 'root', password })
  await over
  return client
}
const exec = (client: ssh2.Client, command: string): Promise<ssh2.ClientChannel> =>
  new Promise((resolve, reject) => client.exec(command, { pty: true }, (error, channel) => (error ? reject(error) : resolve(channel))))
const hears = async (channel: NodeJS.ReadableStream, words: string): Promise<void> => {
  let heard = ''
  for await (const part of (channel as any).iterator({ destroyOnReturn: false })) {
    heard += part
    if (heard.includes(words)) return
  }
  throw new Error(`it said only ${heard}`)
}

describe('a serial console', () => {
  test('shows the machine start, echoes, and is one person’s at a time', async () => {
    const client = await login('a')
    const channel = await exec(client, 'console com2')
    await lab.control.press('a', 'short')
    await hears(channel, 'a login: ')
    channel.write('uptime\r')
    await hears(channel, 'up ')
    const other = await login('a')
    await hears(await exec(other, 'console com2'), 'in use')
    other.end()
    channel.close()
    client.end()
    await once(client, 'close')
    const next = await login('a')
    await hears(await exec(next, 'console com2'), 'a login: ')
    next.end()
  })

  test('is led to as its maker does it', async () => {
    const client = await login('b')
    await lab.control.press('b', 'short')
    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
      client.shell((error, made) => (error ? reject(error) : resolve(made))),
    )
    await hears(channel, '->')
    channel.write('start /system1/sol1\r')
    await hears(channel, 'b login: ')
    client.end()
    const wrong = await login('b')
    await hears(await exec(wrong, 'console com2'), 'no such command')
    wrong.end()
  })

  test('takes the accounts of Redfish, and goes when its BMC restarts', async () => {
    await expect(login('a', 'wrong')).rejects.toThrow(/authentication/)
    const client = await login('a')
    const gone = once(client, 'close')
    await lab.control.restartBmc('a')
    await gone
  })
})
