import { chooseCloud, nodeTransport, readClouds, Session } from '@esi/client'
import { type Face, type Given, type Option, UsageError } from '../../command.ts'

export const cloudsOption: Readonly<Record<string, Option>> = {
  clouds: { doc: 'a cloud of clouds.yaml; repeat for more; all if left out', values: ['name'], repeat: true },
}

export interface Site {
  readonly cloud: string
  readonly region: string
  readonly session: Session
}

/** Every cloud that was named, or every one of clouds.yaml. */
export const sitesOf = async (face: Face, given: Given): Promise<Site[]> => {
  const { clouds, file } = await readClouds({ environment: face.environment })
  const names = given.all('clouds').length > 0 ? given.all('clouds').flatMap(text => text.split(',')) : Object.keys(clouds)
  if (names.length === 0) throw new UsageError('There is no clouds.yaml with clouds to ask.')
  for (const name of names) if (!clouds[name]) throw new UsageError(`There is no cloud "${name}" in ${file}.`)
  return Promise.all(
    names.map(async cloud => {
      const found = await chooseCloud({ cloud, environment: face.environment })
      return { cloud, region: found.region ?? '', session: new Session(found, nodeTransport({ verify: found.verify })) }
    }),
  )
}

/** Asks all sites at once. One that cannot be asked is told of, and does not hide the others. */
export const askAll = async <T>(
  face: Face,
  sites: readonly Site[],
  ask: (site: Site) => Promise<T[]>,
): Promise<{ site: Site; item: T }[]> => {
  const answers = await Promise.all(
    sites.map(async site => {
      try {
        return (await ask(site)).map(item => ({ site, item }))
      } catch (e) {
        face.warn(`${site.cloud}: ${(e as Error).message}`)
        return undefined
      }
    }),
  )
  if (answers.every(answer => answer === undefined)) throw new Error('None of the clouds could be asked.')
  return answers.flatMap(answer => answer ?? [])
}
