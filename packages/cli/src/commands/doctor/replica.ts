import { type Cloud, chooseCloud, nodeTransport, Session } from '@esi/client'

/** The same login, with leasing asked at another address than the catalog's: one of several replicas. */
export const sessionAt = async (cloud: Cloud, url: string): Promise<Session> => {
  const transport = nodeTransport({ verify: cloud.verify })
  const { pathname } = new URL(await new Session(cloud, transport).endpoint('lease'))
  return new Session({ ...cloud, endpoints: { ...cloud.endpoints, lease: `${url.replace(/\/+$/, '')}${pathname}` } }, transport)
}

export const sessionOf = async (cloud: string, environment: NodeJS.ProcessEnv): Promise<Session> => {
  const chosen = await chooseCloud({ cloud, environment })
  return new Session(chosen, nodeTransport({ verify: chosen.verify }))
}
