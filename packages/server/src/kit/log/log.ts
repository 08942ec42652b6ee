/** Structured log; pino's methods. Secrets are redacted by key (see redact.ts), and never handed over in the first place. */
export interface Log {
  debug(fields: object, message?: string): void
  info(fields: object, message?: string): void
  warn(fields: object, message?: string): void
  error(fields: object, message?: string): void
  child(fields: object): Log
}
