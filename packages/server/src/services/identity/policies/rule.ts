import type { PolicyDefault } from '../../../kit/policy/types.ts'

/** Keystone's rules under their own names. Source: its policy reference; what it enforces by token scope is in `admin_required` here. */
export const ADMIN = 'rule:admin_required'
export const READERS = `${ADMIN} or (role:reader and system_scope:all)`

export const rule = (name: string, text: string, doc: string, operations: readonly string[] = []): PolicyDefault => ({
  name,
  rule: text,
  doc,
  ...(operations.length > 0 ? { operations } : {}),
})
