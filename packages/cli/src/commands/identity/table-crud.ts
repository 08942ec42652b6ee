import type { Crud } from '../../crud.ts'
import { anyResource } from '../../entries/entry.ts'
import { identityClient } from '../../services.ts'

/** The plain commands of a table of the identity service. */
export const tableCrud = (table: object, more: Omit<Crud, 'resource' | 'client'> = {}): Crud => ({
  resource: anyResource(table),
  client: identityClient(anyResource(table)),
  ...more,
})

/** Whether it is in use: `--enable` and `--disable`, and `--enabled` and `--disabled` of a list. */
export const switched = {
  names: { enabled: 'enable' },
  no: { enabled: 'disable' },
  filters: { enabled: 'enabled', '!enabled': 'disabled' },
} as const
