import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Seek, Sighting } from '../driver.ts'

/** Get Channel Authentication Capabilities (IPMI 2.0, 22.13), which needs no session, for an administrator of version 2.0. */
const ASK = Buffer.from('0600ff07000000000000000000092018c88100388e04b5', 'hex')
/** RMCP 1.0, no acknowledgement, class IPMI. */
const ANSWER = Buffer.from('0600ff07', 'hex')
const AGAIN = 700

export const seek: Seek = {
  at: (host, port, signal) =>
    new Promise(resolve => {
      const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
      // A datagram may be lost, on its way and back.
      const timer = setInterval(() => send(), AGAIN)
      let over = false
      let connected = false
      const send = () => void (connected && socket.send(ASK, () => undefined))
      const end = (sighting: Sighting | null) => {
        if (over) return
        over = true
        clearInterval(timer)
        signal.removeEventListener('abort', stop)
        socket.close()
        resolve(sighting)
      }
      const stop = () => end(null)
      socket.on('error', stop)
      socket.on('message', message => {
        if (message.length < 14 || !message.subarray(0, 4).equals(ANSWER)) return
        end({
          settings: { ipmi_address: host, ...(port === null || port === 623 ? {} : { ipmi_port: port }) },
          certificate: null,
          weak: WEAK,
        })
      })
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })
      // Connected, it is told at once where nobody listens.
      socket.once('connect', () => {
        connected = !over
        send()
      })
      socket.connect(port ?? 623, host)
    }),
  as: (settings, username, password) => ({ ...settings, ipmi_username: username, ipmi_password: password }),
}

const WEAK = ['It is reached by IPMI, which proves to nobody who it is and lets everybody on its network guess passwords.']
