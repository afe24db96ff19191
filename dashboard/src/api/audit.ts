import type { AuditEvent } from '#dialects/onehop/wire/audit.ts'
import type { Query } from './client.ts'
import { listQuery } from './list.ts'

export type { AuditEvent } from '#dialects/onehop/wire/audit.ts'

/** Who changed what in the team. */
export const auditQuery = listQuery<AuditEvent>(['audit'], '/audit')

/** Who changed what, anywhere. */
export const operatorAuditQuery = (filter: Query) =>
  listQuery<AuditEvent>(['operator', 'audit'], '/operator/audit', filter)
