import type { lease } from '@esi/api/leasing/lease'
import { ApiError, type ResourceClient, waitFor } from '@esi/client'
import type { Face } from '../../command.ts'

/** Waits until a lease is active, telling why it is not yet; fails when it ends instead. */
export const settle = async (face: Face, client: ResourceClient<typeof lease.fields>, uuid: string) => {
  let told = ''
  return waitFor(
    () => client.show(uuid),
    row => {
      if (['expired', 'deleted', 'error'].includes(row.status as string))
        throw new ApiError(409, `The lease ${uuid} is ${row.status}; it will not become active.`, undefined, row)
      return row.status === 'active'
    },
    {
      signal: face.signal,
      progress(row) {
        const why = (row as { waiting?: string | null }).waiting
        const now = `lease ${uuid}: ${row.status}${why ? ` (${why})` : ''}`
        if (now !== told) face.progress(now)
        told = now
      },
    },
  )
}
