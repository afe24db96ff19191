import type { Role } from '#core/permissions.ts'
import type { Db } from '#db/database.ts'
import type { Email } from './account.ts'

/** Somebody who was asked into a team and has not answered. */
export interface Invitation {
  readonly id: string
  readonly teamId: number
  readonly email: Email
  readonly role: Role
  /** Null when that account is gone. */
  readonly invitedBy: { readonly id: number; readonly name: string; readonly email: string } | null
  readonly createdAt: Date
  readonly expiresAt: Date
}

export interface NewInvitation {
  readonly id: string
  readonly teamId: number
  readonly email: Email
  readonly role: Role
  readonly tokenHash: string
  readonly userId: number
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Invite somebody, or again: what was sent before is of no use then. */
export async function putInvitation(db: Db, invitation: NewInvitation): Promise<void> {
  const values = {
    public_id: invitation.id,
    role: invitation.role,
    token_hash: invitation.tokenHash,
    user_id: invitation.userId,
    created_at_ms: invitation.createdAt.getTime(),
    expires_at_ms: invitation.expiresAt.getTime(),
  }
  await db
    .insertInto('invitation')
    .values({ team_id: invitation.teamId, email: invitation.email, ...values })
    .onConflict((oc) => oc.columns(['team_id', 'email']).doUpdateSet(values))
    .execute()
}

/** Give an invitation another token. */
export async function renewInvitation(
  db: Db,
  id: string,
  renewal: { readonly tokenHash: string; readonly expiresAt: Date },
): Promise<void> {
  await db
    .updateTable('invitation')
    .set({ token_hash: renewal.tokenHash, expires_at_ms: renewal.expiresAt.getTime() })
    .where('public_id', '=', id)
    .execute()
}

/** A team's invitations, newest first; those that are over are shown until they are swept. */
export async function findInvitations(db: Db, teamId: number, limit: number): Promise<readonly Invitation[]> {
  const rows = await invitations(db)
    .where('invitation.team_id', '=', teamId)
    .orderBy('invitation.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toInvitation)
}

/** A team's invitation by its id or by whom it is for. */
export async function findInvitation(
  db: Db,
  teamId: number,
  name: { readonly id: string } | { readonly email: Email },
): Promise<Invitation | undefined> {
  const row = await invitations(db)
    .where('invitation.team_id', '=', teamId)
    .where((eb) =>
      'id' in name ? eb('invitation.public_id', '=', name.id) : eb('invitation.email', '=', name.email),
    )
    .executeTakeFirst()
  return row && toInvitation(row)
}

/** The invitation a token opens, and the team's name; undefined when there is none, or it is over. */
export async function findInvitationByToken(
  db: Db,
  tokenHash: string,
  now: Date,
): Promise<(Invitation & { readonly teamName: string }) | undefined> {
  const row = await invitations(db)
    .innerJoin('team', 'team.id', 'invitation.team_id')
    .select('team.name as team_name')
    .where('invitation.token_hash', '=', tokenHash)
    .where('invitation.expires_at_ms', '>', now.getTime())
    .where('team.deleted_at_ms', 'is', null)
    .executeTakeFirst()
  return row && { ...toInvitation(row), teamName: row.team_name }
}

/** @returns false when the team has no such invitation */
export async function deleteInvitation(db: Db, teamId: number, id: string): Promise<boolean> {
  const result = await db
    .deleteFrom('invitation')
    .where('team_id', '=', teamId)
    .where('public_id', '=', id)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** @returns how many invitations that were over before an instant were forgotten */
export async function deleteInvitationsBefore(db: Db, before: Date): Promise<number> {
  const result = await db
    .deleteFrom('invitation')
    .where('expires_at_ms', '<=', before.getTime())
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

function invitations(db: Db) {
  return db
    .selectFrom('invitation')
    .leftJoin('user_account as inviter', 'inviter.id', 'invitation.user_id')
    .selectAll('invitation')
    .select(['inviter.name as inviter_name', 'inviter.email as inviter_email'])
}

function toInvitation(row: {
  readonly public_id: string
  readonly team_id: number
  readonly email: string
  readonly role: Role
  readonly user_id: number | null
  readonly inviter_name: string | null
  readonly inviter_email: string | null
  readonly created_at_ms: number
  readonly expires_at_ms: number
}): Invitation {
  return {
    id: row.public_id,
    teamId: row.team_id,
    // Only parsed addresses are ever stored.
    email: row.email as Email,
    role: row.role,
    invitedBy:
      row.user_id === null
        ? null
        : { id: row.user_id, name: row.inviter_name ?? '', email: row.inviter_email ?? '' },
    createdAt: new Date(row.created_at_ms),
    expiresAt: new Date(row.expires_at_ms),
  }
}
