import type { Role } from '#core/permissions.ts'
import type { Db } from '#db/database.ts'
import type { Email } from './account.ts'

/** A team whoever is in it. */
export interface StoredTeam {
  readonly id: number
  readonly name: string
  /** Null for a shared team. */
  readonly personalUserId: number | null
  readonly createdAt: Date
  /** Null while it is one. */
  readonly deletedAt: Date | null
}

export async function findTeam(db: Db, teamId: number): Promise<StoredTeam | undefined> {
  const row = await db.selectFrom('team').selectAll().where('id', '=', teamId).executeTakeFirst()
  return row && toTeam(row)
}

/**
 * A team that is not deleted, whose name, members and invitations no other transaction changes until this one ends: all
 * of them begin with it.
 */
export async function lockTeam(db: Db, teamId: number): Promise<StoredTeam | undefined> {
  const row = await db
    .updateTable('team')
    // Writing what is there locks the row on both databases.
    .set((eb) => ({ name: eb.ref('name') }))
    .where('id', '=', teamId)
    .where('deleted_at_ms', 'is', null)
    .returningAll()
    .executeTakeFirst()
  return row && toTeam(row)
}

export async function setTeamName(db: Db, teamId: number, name: string): Promise<void> {
  await db.updateTable('team').set({ name }).where('id', '=', teamId).execute()
}

/** A team of a user as lists show it. */
export interface TeamOfUser extends StoredTeam {
  readonly role: Role
  readonly memberCount: number
}

/** A user's teams, or one of them, oldest first. */
export async function findTeamsOfUser(
  db: Db,
  userId: number,
  teamId?: number,
): Promise<readonly TeamOfUser[]> {
  const rows = await db
    .selectFrom('membership')
    .innerJoin('team', 'team.id', 'membership.team_id')
    .selectAll('team')
    .select((eb) => [
      'membership.role',
      eb
        .selectFrom('membership as other')
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .whereRef('other.team_id', '=', 'team.id')
        .as('member_count'),
    ])
    .where('membership.user_id', '=', userId)
    .$if(teamId !== undefined, (query) => query.where('team.id', '=', teamId ?? 0))
    .orderBy('team.id')
    .execute()
  return rows.map((row) => ({ ...toTeam(row), role: row.role, memberCount: row.member_count ?? 0 }))
}

/** How many shared teams a user owns. */
export async function countOwnedTeams(db: Db, userId: number): Promise<number> {
  const row = await db
    .selectFrom('membership')
    .innerJoin('team', 'team.id', 'membership.team_id')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('membership.user_id', '=', userId)
    .where('membership.role', '=', 'owner')
    .where('team.personal_user_id', 'is', null)
    .executeTakeFirstOrThrow()
  return row.count
}

/** Somebody in a team. */
export interface TeamMember {
  readonly userId: number
  readonly name: string
  readonly email: Email
  readonly role: Role
  readonly joinedAt: Date
}

/** Which part of a team's members. */
export interface MemberFilter {
  readonly userId?: number | undefined
  readonly role?: Role | undefined
  /** Only members with higher ids than this one. */
  readonly afterUserId?: number | undefined
  readonly limit: number
}

/** By user id, ascending. */
export async function findMembers(
  db: Db,
  teamId: number,
  filter: MemberFilter,
): Promise<readonly TeamMember[]> {
  const { userId, role, afterUserId, limit } = filter
  let query = db
    .selectFrom('membership')
    .innerJoin('user_account', 'user_account.id', 'membership.user_id')
    .select([
      'membership.user_id',
      'user_account.name',
      'user_account.email',
      'membership.role',
      'membership.created_at_ms',
    ])
    .where('membership.team_id', '=', teamId)
    .orderBy('membership.user_id')
    .limit(limit)
  if (userId !== undefined) query = query.where('membership.user_id', '=', userId)
  if (role !== undefined) query = query.where('membership.role', '=', role)
  if (afterUserId !== undefined) query = query.where('membership.user_id', '>', afterUserId)
  return (await query.execute()).map((row) => ({
    userId: row.user_id,
    name: row.name,
    // Only parsed addresses are ever stored.
    email: row.email as Email,
    role: row.role,
    joinedAt: new Date(row.created_at_ms),
  }))
}

/** Members and invitations of a team together. */
export async function countMembersAndInvitations(db: Db, teamId: number): Promise<number> {
  const members = await db
    .selectFrom('membership')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('team_id', '=', teamId)
    .executeTakeFirstOrThrow()
  const invitations = await db
    .selectFrom('invitation')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('team_id', '=', teamId)
    .executeTakeFirstOrThrow()
  return members.count + invitations.count
}

export async function setRole(
  db: Db,
  { teamId, userId }: { readonly teamId: number; readonly userId: number },
  role: Role,
): Promise<void> {
  await db
    .updateTable('membership')
    .set({ role })
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .execute()
}

/** Put somebody into a team; whoever is in it stays as they are. @returns false for those */
export async function addMember(
  db: Db,
  member: {
    readonly teamId: number
    readonly userId: number
    readonly role: Role
    readonly createdAt: Date
  },
): Promise<boolean> {
  const result = await db
    .insertInto('membership')
    .values({
      team_id: member.teamId,
      user_id: member.userId,
      role: member.role,
      created_at_ms: member.createdAt.getTime(),
    })
    .onConflict((oc) => oc.columns(['team_id', 'user_id']).doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** Take somebody, or everybody, out of a team, with the keys they have for it. */
export async function deleteMembers(db: Db, teamId: number, userId?: number): Promise<void> {
  await db
    .deleteFrom('api_key')
    .where('team_id', '=', teamId)
    .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? 0))
    .execute()
  await db
    .deleteFrom('membership')
    .where('team_id', '=', teamId)
    .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? 0))
    .execute()
}

/** Let what somebody registered for a team be another's: request origins act as who registered them. */
export async function handOverOrigins(
  db: Db,
  teamId: number,
  users: { readonly from: number; readonly to: number },
): Promise<void> {
  await db
    .updateTable('request_origin')
    .set({ user_id: users.to })
    .where('team_id', '=', teamId)
    .where('user_id', '=', users.from)
    .execute()
}

/**
 * Mark a team as deleted: nobody is in it, asked into it or told of it any more, and its origins are free. What it has
 * is deleted after that, and then the team itself.
 */
export async function markTeamDeleted(db: Db, teamId: number, now: Date): Promise<void> {
  await db.updateTable('team').set({ deleted_at_ms: now.getTime() }).where('id', '=', teamId).execute()
  await deleteMembers(db, teamId)
  for (const table of ['invitation', 'request_origin', 'webhook', 'surcharge'] as const)
    await db.deleteFrom(table).where('team_id', '=', teamId).execute()
}

/** Teams that were deleted and are still there, oldest first. */
export async function findDeletedTeams(db: Db, limit: number): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('team')
    .select('id')
    .where('deleted_at_ms', 'is not', null)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** Delete what is left of a deleted team. @returns false when it still has something that has to go first */
export async function deleteTeamRow(db: Db, teamId: number): Promise<boolean> {
  const result = await db
    .deleteFrom('team')
    .where('id', '=', teamId)
    .where('deleted_at_ms', 'is not', null)
    .where((eb) =>
      eb.and(
        (['link', 'shared_file', 'file_upload'] as const).map((table) =>
          eb.not(eb.exists(eb.selectFrom(table).select('team_id').where('team_id', '=', teamId))),
        ),
      ),
    )
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

function toTeam(row: {
  readonly id: number
  readonly name: string
  readonly personal_user_id: number | null
  readonly created_at_ms: number
  readonly deleted_at_ms: number | null
}): StoredTeam {
  return {
    id: row.id,
    name: row.name,
    personalUserId: row.personal_user_id,
    createdAt: new Date(row.created_at_ms),
    deletedAt: row.deleted_at_ms === null ? null : new Date(row.deleted_at_ms),
  }
}
