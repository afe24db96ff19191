/** Everything that is written down when it happens: what it was done to, and what was done. */
export const AUDIT_ACTIONS = [
  'account.created',
  'account.updated',
  'account.blocked',
  'account.unblocked',
  'account.password-changed',
  'account.password-reset',
  'account.password-reset-sent',
  'account.two-factor-on',
  'account.two-factor-off',
  'account.recovery-codes-renewed',
  'session.ended',
  'key.created',
  'key.revoked',
  'team.created',
  'team.updated',
  'team.deleted',
  'member.joined',
  'member.updated',
  'member.removed',
  'invitation.created',
  'invitation.revoked',
  'subscription.changed',
  'plan.granted',
  'order.created',
  'order.approved',
  'order.rejected',
  'override.set',
  'override.removed',
  'credits.set',
  'surcharge.changed',
  'webhook.created',
  'webhook.updated',
  'webhook.secret-rotated',
  'webhook.deleted',
  'origin.added',
  'origin.removed',
  'file.uploaded',
  'file.linked',
  'file.deleted',
  'qr-code.created',
  'qr-code.updated',
  'qr-code.deleted',
  'link.updated',
  'link.deleted',
  'data.update-started',
  'data.terms-accepted',
] as const

export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** What a change is told by; never a secret. */
export type AuditValue = string | number | boolean | null | Date | readonly string[] | undefined

/** Field to what it was and what it became; what was not there before, or is not any more, is null. */
export type AuditChanges = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>

/** A change as it is told. */
export interface AuditEvent {
  readonly id: number
  readonly at: Date
  /** Null for what is no team's; the name is null when the team is gone. */
  readonly team: { readonly id: number; readonly name: string | null } | null
  /** Who did it; null: the command line, or the server itself. */
  readonly actor: AuditActor | null
  readonly ip: string | null
  readonly action: AuditAction
  /** What it was done to: `link abc1234`. */
  readonly subject: string
  readonly changes: AuditChanges
}

/** Somebody as of the time of the change. */
export interface AuditActor {
  readonly id: number
  readonly email: string
  /** The name of the API key it was done with; null for a session or JWT. */
  readonly key: string | null
}
