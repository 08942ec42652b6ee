import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino'
import type { Log } from './log.ts'
import { redact, scrub } from './redact.ts'
import { asText } from './text.ts'

export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type Level = (typeof LEVELS)[number]

export interface LogOptions {
  /** `json`: one object a line; `text`: for people. Default: text on a terminal, else json. */
  readonly format?: 'json' | 'text' | undefined
  readonly level?: Level | undefined
  /** Where lines go, each with its line end. Default: standard output, written at once. */
  readonly to?: { write(line: string): void } | undefined
}

/** A log without secrets: fields, messages and those of its children are redacted (see redact.ts). Lines have `time`, `level`, `msg`. */
export const createLog = (options: LogOptions = {}): Log => {
  const to: DestinationStream = options.to ?? destination({ fd: 1, sync: true })
  const format = options.format ?? (options.to === undefined && process.stdout.isTTY ? 'text' : 'json')
  const stream: DestinationStream = format === 'json' ? to : { write: line => to.write(asText(line)) }
  return wrap(
    pino(
      { level: options.level ?? 'info', timestamp: stdTimeFunctions.isoTime, formatters: { level: label => ({ level: label }) } },
      stream,
    ),
  )
}

const wrap = (logger: Logger): Log => {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message?: string) => {
    // Nothing is worked out for a line that is not written.
    if (logger.isLevelEnabled(level)) logger[level](redact(fields), message === undefined ? undefined : scrub(message))
  }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: fields => wrap(logger.child(redact(fields))),
  }
}
