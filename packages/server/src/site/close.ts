import type { FastifyInstance } from 'fastify'

const DEADLINE = 10_000

/**
 * Lets running requests have their answers, then closes. Connections that become idle after `close` began would keep it waiting
 * for the whole keep-alive time, so they are swept until none is left; what is not done by the deadline is cut.
 */
export const closeServer = async (app: FastifyInstance): Promise<void> => {
  const sweep = setInterval(() => app.server.closeIdleConnections(), 100)
  const deadline = setTimeout(() => app.server.closeAllConnections(), DEADLINE)
  try {
    await app.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(deadline)
  }
}
