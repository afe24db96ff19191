import { recordChange } from '#core/audit/record-change.ts'
import type { Services } from '#core/context.ts'
import type { Link } from './link.ts'

/** Write down that a link was changed or, without `after`, deleted. What a typed link shows may be a password. */
export async function recordLink(tx: Services, before: Link, after?: Link): Promise<void> {
  const isContentChanged =
    after !== undefined && JSON.stringify(before.payload) !== JSON.stringify(after.payload)
  await recordChange(tx, {
    action: after === undefined ? 'link.deleted' : 'link.updated',
    teamId: before.teamId,
    subject: `link ${before.slug}`,
    before: facts(before),
    after: after && { ...facts(after), ...(isContentChanged && { payload: 'changed' }) },
  })
}

function facts({ kind, target, title, description, tags, status, expiresAt }: Link) {
  return { kind, target, title, description, tags, status, expires_at: expiresAt }
}
