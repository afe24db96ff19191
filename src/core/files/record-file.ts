import type { AuditAction } from '#core/audit/audit-event.ts'
import { recordChange } from '#core/audit/record-change.ts'
import type { Services } from '#core/context.ts'
import type { SharedFile } from './file.ts'

/** Write down what was done to a file. Its id is left out: whoever knows it may download the file. */
export async function recordFile(
  tx: Services,
  action: AuditAction & `file.${string}`,
  { teamId, name, sizeBytes }: SharedFile,
): Promise<void> {
  const facts = { size_bytes: sizeBytes }
  const isGone = action === 'file.deleted'
  await recordChange(tx, {
    action,
    teamId,
    subject: `file ${name}`,
    ...(isGone ? { before: facts } : action === 'file.uploaded' && { after: facts }),
  })
}
