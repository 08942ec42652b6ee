import type { PairFiles } from './tls/pair.ts'

/** Host and port of `listen`. */
export const address = (listen: string): [host: string, port: number] => {
  const at = listen.lastIndexOf(':')
  return [listen.slice(0, at).replace(/^\[|\]$/g, ''), Number(listen.slice(at + 1))]
}

/** The files of certificate and key: both, or none. */
export const tlsFiles = ({ certificate, key }: Partial<Record<keyof PairFiles, string | undefined>>): PairFiles | undefined => {
  if ((certificate === undefined) !== (key === undefined))
    throw new Error(`tls needs both, certificate and key; tls.${certificate === undefined ? 'certificate' : 'key'} is missing.`)
  return certificate === undefined || key === undefined ? undefined : { certificate, key }
}
