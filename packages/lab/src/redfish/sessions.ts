import { randomBytes } from 'node:crypto'

export interface Session {
  readonly id: string
  readonly token: string
  readonly user: string
  readonly since: number
  used: number
}

/** The sessions of one BMC; they are gone when it restarts. */
export class Sessions {
  private readonly byId = new Map<string, Session>()
  private made = 0

  /** Undefined when there are `limit` already. */
  open(user: string, now: number, limit: number, timeout: number): Session | undefined {
    this.expire(now, timeout)
    if (this.byId.size >= limit) return undefined
    const session = { id: String(++this.made), token: randomBytes(16).toString('hex'), user, since: now, used: now }
    this.byId.set(session.id, session)
    return session
  }

  /** The session of a token, used now. `timeout` in seconds. */
  use(token: string, now: number, timeout: number): Session | undefined {
    this.expire(now, timeout)
    for (const session of this.byId.values()) {
      if (session.token !== token) continue
      session.used = now
      return session
    }
    return undefined
  }

  list(now: number, timeout: number): Session[] {
    this.expire(now, timeout)
    return [...this.byId.values()]
  }

  close(id: string): boolean {
    return this.byId.delete(id)
  }

  /** All of a user's, for example when the account goes. */
  closeOf(user: string): void {
    for (const s of this.byId.values()) if (s.user === user) this.byId.delete(s.id)
  }

  closeAll(): void {
    this.byId.clear()
  }

  get size(): number {
    return this.byId.size
  }

  private expire(now: number, timeout: number): void {
    for (const s of this.byId.values()) if (now - s.used > timeout * 1000) this.byId.delete(s.id)
  }
}
