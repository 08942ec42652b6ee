import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { Finding } from './checks.ts'

/** Days before its end from which a certificate is found wanting. */
const SOON = 14
const DAY = 24 * 60 * 60 * 1000

/** How long the certificate at an https address is good for; nothing where HTTP is spoken, or where another check says more. */
export const certificate = async (url: string, now: () => number): Promise<Finding[]> => {
  const { protocol, hostname, port } = new URL(url)
  if (protocol !== 'https:') return []
  const until = await expiry(hostname.replace(/^\[|\]$/g, ''), Number(port || 443))
  if (until === undefined) return []
  const left = Math.floor((until - now()) / DAY)
  const what = 'certificate'
  const is = left < 0 ? `expired ${new Date(until).toISOString().slice(0, 10)}` : `good for ${left} days more`
  if (left >= SOON) return [{ what, is }]
  return [{ what, is, advice: 'The operator of the site renews it; the server shows a new one as soon as its files are there.' }]
}

/** When the certificate itself ends, in milliseconds since 1970. It is looked at, not trusted. */
const expiry = (host: string, port: number): Promise<number | undefined> =>
  new Promise(resolve => {
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: 10_000, ...(isIP(host) === 0 ? { servername: host } : {}) })
    const end = (until?: number) => {
      socket.destroy()
      resolve(until)
    }
    socket.once('secureConnect', () => end(socket.getPeerX509Certificate()?.validToDate.getTime()))
    socket.once('error', () => end())
    socket.once('timeout', () => end())
  })
