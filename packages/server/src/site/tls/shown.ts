import { isIP } from 'node:net'
import { connect } from 'node:tls'

/** A certificate as a client sees it. */
export interface Shown {
  /** SHA-256, as `openssl x509 -fingerprint -sha256` says it. */
  readonly fingerprint: string
  readonly subject: string
  /** When it expires, in milliseconds since 1970. */
  readonly until: number
}

/** What whoever listens there shows to a new connection; undefined if nobody listens. Throws a sentence if it is no TLS. */
export const shownAt = (host: string, port: number, name: string | undefined, patience = 5000): Promise<Shown | undefined> =>
  new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ...(name !== undefined && isIP(name) === 0 ? { servername: name } : {}),
      // It is looked at, not trusted.
      rejectUnauthorized: false,
    })
    socket.setTimeout(patience, () => socket.destroy(new Error(`${host}:${port} does not answer.`)))
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate()
      socket.destroy()
      if (!certificate) return reject(new Error(`${host}:${port} shows no certificate.`))
      resolve({
        fingerprint: certificate.fingerprint256,
        subject: certificate.subject.split('\n').join(', '),
        until: certificate.validToDate.getTime(),
      })
    })
    socket.once('error', e => {
      const { code } = e as NodeJS.ErrnoException
      if (code === 'ECONNREFUSED') return resolve(undefined)
      reject(code?.startsWith('ERR_SSL') ? new Error(`Whoever listens at ${host}:${port} speaks no TLS.`) : e)
    })
  })
