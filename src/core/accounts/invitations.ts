import { recordChange } from '#core/audit/record-change.ts'
import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { enqueueMail } from '#core/mail/enqueue-mail.ts'
import { renderMail } from '#core/mail/render-mail.ts'
import {
  type Member,
  requireAbility,
  requireMember,
  requireOwnAccount,
  requireRole,
  type Role,
} from '#core/permissions.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'
import type { Email } from './account.ts'
import { findUser, findUserByEmail, findRole } from './account-queries.ts'
import { actInTeam } from './act-in-team.ts'
import { takeAttempt } from './attempts.ts'
import {
  deleteInvitation,
  findInvitation,
  findInvitationByToken,
  findInvitations,
  type Invitation,
  putInvitation,
  renewInvitation,
} from './invitation-queries.ts'
import { hashSecret } from './key-secret.ts'
import { getTeamView, inOwnTeam, type TeamView } from './manage-teams.ts'
import { requireRoleFor } from './team-members.ts'
import { addMember, countMembersAndInvitations, lockTeam } from './team-queries.ts'

export type { Invitation } from './invitation-queries.ts'

/** Where an invitation leads, behind the base URL; the token follows as `?token=`. */
export const INVITATION_PATH = '/app/invitation'

/** How long an invitation can be accepted. */
const INVITATION_TTL_MS = 7 * 24 * 60 * 60 * 1000
/** Base62 characters of a token: 256 random bits. */
const TOKEN_LENGTH = 43
/** Members of a team and invitations together. */
const MAX_MEMBERS = 200
/** Invitations that one user has mailed, for whatever teams. */
const PER_USER: RateLimit = { name: 'invitation-user', points: 30, windowS: 60 * 60 }
const PER_USER_DAY: RateLimit = { name: 'invitation-user-day', points: 100, windowS: 24 * 60 * 60 }
/** Invitations to one address, by whomever: nobody is pestered. */
const PER_EMAIL: RateLimit = { name: 'invitation-email', points: 5, windowS: 24 * 60 * 60 }

/** An invitation as whoever holds its token sees it. */
export interface ShownInvitation {
  readonly teamName: string
  readonly email: Email
  readonly role: Role
  readonly expiresAt: Date
  /** Whether the address has an account that can accept it. */
  readonly hasAccount: boolean
}

/**
 * Ask somebody into a team of the actor's user by mail. Whoever was asked before is asked again, and the mail of before is
 * of no use then.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `team-not-found`, `team-personal`,
 *   `role-required`, `member-exists`, `too-many-members` or `rate-limited`
 */
export async function invite(
  ctx: Ctx,
  teamId: number,
  { email, role }: { readonly email: Email; readonly role: Role },
): Promise<Invitation> {
  requireRoleFor(await requireInviter(ctx, teamId), role)
  await takeInvitationMail(ctx, email)
  return inOwnTeam(ctx, teamId, async (tx, team, actor) => {
    requireRole(actor, 'admin')
    requireRoleFor(actor, role)
    if (team.personalUserId !== null) throw new DomainError('team-personal', {})
    const invited = await findUserByEmail(tx.db, email)
    if (invited !== undefined && (await findRole(tx.db, teamId, invited.user.id)) !== undefined)
      throw new DomainError('member-exists', { email })
    const before = await findInvitation(tx.db, teamId, { email })
    if (before === undefined && (await countMembersAndInvitations(tx.db, teamId)) >= MAX_MEMBERS)
      throw new DomainError('too-many-members', { limit: MAX_MEMBERS })
    if (before !== undefined) requireRoleFor(actor, before.role)

    const token = tx.random.base62(TOKEN_LENGTH)
    const createdAt = tx.now()
    await putInvitation(tx.db, {
      id: `inv_${tx.random.base62(24)}`,
      teamId,
      email,
      role,
      tokenHash: hashSecret(token),
      userId: actor.userId,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + INVITATION_TTL_MS),
    })
    const invitation = await findInvitation(tx.db, teamId, { email })
    if (invitation === undefined) throw new Error('an invitation that was just stored is gone')
    await queueInvitationMail(tx, invitation, { teamName: team.name, token })
    await recordChange(tx, {
      action: 'invitation.created',
      teamId,
      subject: `invitation ${email}`,
      before: { role: before?.role },
      after: { role },
    })
    return invitation
  })
}

/**
 * Mail an invitation once more, with a week ahead of it again; the mail of before is of no use then.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `team-not-found`, `role-required`,
 *   `invitation-not-found` or `rate-limited`
 */
export async function resendInvitation(ctx: Ctx, teamId: number, id: string): Promise<Invitation> {
  await requireInviter(ctx, teamId)
  const known = await findInvitation(ctx.db, teamId, { id })
  if (known === undefined) throw new DomainError('invitation-not-found', {})
  await takeInvitationMail(ctx, known.email)
  return inOwnTeam(ctx, teamId, async (tx, team, actor) => {
    requireRole(actor, 'admin')
    const invitation = await findInvitation(tx.db, teamId, { id })
    if (invitation === undefined) throw new DomainError('invitation-not-found', {})
    requireRoleFor(actor, invitation.role)
    const token = tx.random.base62(TOKEN_LENGTH)
    const expiresAt = new Date(tx.now().getTime() + INVITATION_TTL_MS)
    await renewInvitation(tx.db, id, { tokenHash: hashSecret(token), expiresAt })
    await queueInvitationMail(tx, { ...invitation, expiresAt }, { teamName: team.name, token })
    return { ...invitation, expiresAt }
  })
}

/**
 * Who was asked into a team of the actor's user and has not answered, newest first: for its owners and admins.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `team-not-found` or `role-required`
 */
export async function listInvitations(ctx: Ctx, teamId: number): Promise<readonly Invitation[]> {
  const member = requireAbility((await actInTeam(ctx, teamId)).actor, 'user:read')
  requireRole(member, 'admin')
  return findInvitations(ctx.db, teamId, MAX_MEMBERS)
}

/**
 * Take an invitation back.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `team-not-found`, `role-required` or
 *   `invitation-not-found`
 */
export async function revokeInvitation(ctx: Ctx, teamId: number, id: string): Promise<void> {
  await inOwnTeam(ctx, teamId, async (tx, _, actor) => {
    requireRole(actor, 'admin')
    const invitation = await findInvitation(tx.db, teamId, { id })
    if (invitation === undefined) throw new DomainError('invitation-not-found', {})
    requireRoleFor(actor, invitation.role)
    await deleteInvitation(tx.db, teamId, id)
    await recordChange(tx, {
      action: 'invitation.revoked',
      teamId,
      subject: `invitation ${invitation.email}`,
      before: { role: invitation.role },
    })
  })
}

/**
 * What a token invites to; whoever holds it may know.
 *
 * @throws DomainError `invitation-not-found`
 */
export async function showInvitation(ctx: Ctx, token: string): Promise<ShownInvitation> {
  const { teamName, email, role, expiresAt } = await getInvitation(ctx, token)
  const hasAccount = (await findUserByEmail(ctx.db, email)) !== undefined
  return { teamName, email, role, expiresAt, hasAccount }
}

/**
 * Join the team that a token invites to. Who is in it already keeps the role there.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `invitation-not-found`, or
 *   `invitation-of-another` when it was sent to another address than that of the account
 */
export async function acceptInvitation(ctx: Ctx, token: string): Promise<TeamView> {
  const { userId } = requireOwnAccount(ctx.actor)
  const { teamId } = await getInvitation(ctx, token)
  await inTransaction(ctx, async (tx) => {
    // As whoever changes the team does: an invitation that is being taken back is taken back.
    await lockTeam(tx.db, teamId)
    const { id, email, role } = await getInvitation(tx, token)
    if ((await findUser(tx.db, userId))?.email !== email)
      throw new DomainError('invitation-of-another', { email })
    await deleteInvitation(tx.db, teamId, id)
    if (!(await addMember(tx.db, { teamId, userId, role, createdAt: tx.now() }))) return
    tx.emit({ kind: 'access-changed' })
    await recordChange(tx, {
      action: 'member.joined',
      teamId,
      subject: `member ${email}`,
      after: { role },
    })
  })
  return getTeamView(ctx, teamId)
}

async function getInvitation(ctx: Ctx, token: string) {
  const invitation = await findInvitationByToken(ctx.db, hashSecret(token), ctx.now())
  if (invitation === undefined) throw new DomainError('invitation-not-found', {})
  return invitation
}

/** Who asks, as a member of the team: known before anything is counted, and looked at again behind the lock. */
async function requireInviter(ctx: Ctx, teamId: number): Promise<Member> {
  const member = requireOwnAccount((await actInTeam(ctx, teamId)).actor)
  requireRole(member, 'admin')
  return member
}

/** Not inside the transaction: counting may ask another machine. */
async function takeInvitationMail(ctx: Ctx, email: Email): Promise<void> {
  const { userId } = requireMember(ctx.actor)
  await takeAttempt(ctx, PER_USER, String(userId))
  await takeAttempt(ctx, PER_USER_DAY, String(userId))
  await takeAttempt(ctx, PER_EMAIL, email)
}

async function queueInvitationMail(
  tx: Ctx,
  { email, role, invitedBy, expiresAt }: Invitation,
  { teamName, token }: { readonly teamName: string; readonly token: string },
): Promise<void> {
  const { host } = new URL(tx.settings.baseUrl)
  const inviter = invitedBy?.email ?? 'Somebody'
  await enqueueMail(tx, {
    to: email,
    subject: `${inviter} invites you to the team ${teamName}`,
    ...renderMail({
      heading: `You are invited to the team ${teamName}`,
      paragraphs: [
        `${inviter} invites ${email} to share links and reports at ${host}, in the role of ${ROLE_WORDS[role]}.`,
        `The invitation is good until ${expiresAt.toISOString().slice(0, 10)}. If you do not know who sent it, do nothing.`,
      ],
      action: {
        label: 'See the invitation',
        url: `${tx.settings.baseUrl}${INVITATION_PATH}?token=${token}`,
      },
    }),
  })
}

const ROLE_WORDS = {
  owner: 'an owner',
  admin: 'an admin',
  member: 'a member',
  viewer: 'a viewer',
} as const satisfies Record<Role, string>
