import type { Selectable } from 'kysely'
import type { Role } from '#core/permissions.ts'
import type { Db, Tables } from '#db/database.ts'
import type { Email, Team, User } from './account.ts'

export interface NewUser {
  readonly email: Email
  readonly name: string
  readonly passwordHash: string
  readonly isOperator: boolean
  readonly createdAt: Date
}

/** @returns undefined when the address has an account already; nothing changed then */
export async function insertUser(db: Db, user: NewUser): Promise<User | undefined> {
  const row = await db
    .insertInto('user_account')
    .values({
      email: user.email,
      name: user.name,
      password_hash: user.passwordHash,
      is_operator: user.isOperator ? 1 : 0,
      status: 'active',
      created_at_ms: user.createdAt.getTime(),
    })
    .onConflict((oc) => oc.column('email').doNothing())
    .returningAll()
    .executeTakeFirst()
  return row && toUser(row)
}

/** A user and the hash of the password. */
export async function findUserByEmail(
  db: Db,
  email: Email,
): Promise<{ readonly user: User; readonly passwordHash: string } | undefined> {
  const row = await db.selectFrom('user_account').selectAll().where('email', '=', email).executeTakeFirst()
  return row && { user: toUser(row), passwordHash: row.password_hash }
}

export async function findUser(db: Db, userId: number): Promise<User | undefined> {
  const row = await db.selectFrom('user_account').selectAll().where('id', '=', userId).executeTakeFirst()
  return row && toUser(row)
}

/** Every account with its personal plan, oldest first. */
export async function findAllUsers(db: Db): Promise<readonly (User & { readonly plan: string | null })[]> {
  const rows = await db
    .selectFrom('user_account')
    .leftJoin('team', 'team.personal_user_id', 'user_account.id')
    .leftJoin('subscription', 'subscription.team_id', 'team.id')
    .selectAll('user_account')
    .select('subscription.plan')
    .orderBy('user_account.id')
    .execute()
  return rows.map(({ plan, ...row }) => ({ ...toUser(row), plan }))
}

/** What it takes to know the bearer of a JWT. */
export interface LoginBearer {
  readonly userId: number
  readonly teamId: number
  readonly role: Role
  readonly isOperator: boolean
  readonly isBlocked: boolean
  readonly credentialsVersion: number
}

/** A user in the personal team; undefined when there is no such user. */
export async function findLoginBearer(db: Db, userId: number): Promise<LoginBearer | undefined> {
  const row = await db
    .selectFrom('user_account')
    .innerJoin('team', 'team.personal_user_id', 'user_account.id')
    .innerJoin('membership', (join) =>
      join.onRef('membership.team_id', '=', 'team.id').onRef('membership.user_id', '=', 'user_account.id'),
    )
    .select([
      'membership.team_id',
      'membership.role',
      'user_account.is_operator',
      'user_account.status',
      'user_account.credentials_version',
    ])
    .where('user_account.id', '=', userId)
    .executeTakeFirst()
  return (
    row && {
      userId,
      teamId: row.team_id,
      role: row.role,
      isOperator: row.is_operator === 1,
      isBlocked: row.status === 'blocked',
      credentialsVersion: row.credentials_version,
    }
  )
}

export async function setUserStatus(db: Db, userId: number, status: User['status']): Promise<void> {
  await db.updateTable('user_account').set({ status }).where('id', '=', userId).execute()
}

export async function setPasswordHash(db: Db, userId: number, passwordHash: string): Promise<void> {
  await db.updateTable('user_account').set({ password_hash: passwordHash }).where('id', '=', userId).execute()
}

/** Give a user's credentials their next version, which nobody else does before the transaction ends. */
export async function renewCredentials(db: Db, userId: number): Promise<void> {
  await db
    .updateTable('user_account')
    .set((eb) => ({ credentials_version: eb('credentials_version', '+', 1) }))
    .where('id', '=', userId)
    .execute()
}

/**
 * Keep the credentials of a user as they are until the transaction ends.
 *
 * @returns false when they have another version already
 */
export async function holdCredentials(db: Db, userId: number, version: number): Promise<boolean> {
  const result = await db
    .updateTable('user_account')
    // Writing what is there locks the row on both databases.
    .set((eb) => ({ credentials_version: eb.ref('credentials_version') }))
    .where('id', '=', userId)
    .where('credentials_version', '=', version)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function setOperator(db: Db, userId: number, isOperator = true): Promise<void> {
  await db
    .updateTable('user_account')
    .set({ is_operator: isOperator ? 1 : 0 })
    .where('id', '=', userId)
    .execute()
}

/** Note that a key or session of a user was used. */
export async function touchUser(db: Db, userId: number, at: Date): Promise<void> {
  await db
    .updateTable('user_account')
    .set({ last_seen_at_ms: at.getTime() })
    .where('id', '=', userId)
    .execute()
}

/** Keep a user as it is until the transaction ends. @returns undefined when there is none */
export async function lockUser(db: Db, userId: number): Promise<User | undefined> {
  const row = await db
    .updateTable('user_account')
    // Writing what is there locks the row on both databases.
    .set((eb) => ({ name: eb.ref('name') }))
    .where('id', '=', userId)
    .returningAll()
    .executeTakeFirst()
  return row && toUser(row)
}

/**
 * Claim a fact that can be true of one thing only, such as being the installation's first account.
 *
 * @returns whether this call was the first to claim it
 */
export async function claimOnce(db: Db, key: string, value: string): Promise<boolean> {
  const result = await db
    .insertInto('instance')
    .values({ key, value })
    .onConflict((oc) => oc.column('key').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function insertTeam(
  db: Db,
  team: { readonly name: string; readonly personalUserId: number | null; readonly createdAt: Date },
): Promise<number> {
  const row = await db
    .insertInto('team')
    .values({
      name: team.name,
      personal_user_id: team.personalUserId,
      created_at_ms: team.createdAt.getTime(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

export async function insertMembership(
  db: Db,
  membership: {
    readonly teamId: number
    readonly userId: number
    readonly role: Role
    readonly createdAt: Date
  },
): Promise<void> {
  await db
    .insertInto('membership')
    .values({
      team_id: membership.teamId,
      user_id: membership.userId,
      role: membership.role,
      created_at_ms: membership.createdAt.getTime(),
    })
    .execute()
}

export async function findPersonalTeamId(db: Db, userId: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('team')
    .select('id')
    .where('personal_user_id', '=', userId)
    .executeTakeFirst()
  return row?.id
}

/** The teams of a user, the personal one first. */
export async function findTeamsOf(db: Db, userId: number): Promise<readonly Team[]> {
  const rows = await teamsOf(db, userId).orderBy('team.id').execute()
  return rows.map((row) => toTeam(row, userId))
}

/** One of them; undefined where the user is not in it. */
export async function findTeamOf(db: Db, teamId: number, userId: number): Promise<Team | undefined> {
  const row = await teamsOf(db, userId).where('team.id', '=', teamId).executeTakeFirst()
  return row && toTeam(row, userId)
}

/** Whether there is any account. */
export async function hasUsers(db: Db): Promise<boolean> {
  return (await db.selectFrom('user_account').select('id').limit(1).executeTakeFirst()) !== undefined
}

function teamsOf(db: Db, userId: number) {
  return db
    .selectFrom('membership')
    .innerJoin('team', 'team.id', 'membership.team_id')
    .select(['team.id', 'team.name', 'team.personal_user_id', 'membership.role'])
    .where('membership.user_id', '=', userId)
}

function toTeam(
  row: Selectable<Pick<Tables['team'], 'id' | 'name' | 'personal_user_id'>> & { readonly role: Role },
  userId: number,
): Team {
  return { id: row.id, name: row.name, isPersonal: row.personal_user_id === userId, role: row.role }
}

export async function updateUser(
  db: Db,
  userId: number,
  changes: { readonly name?: string | undefined },
): Promise<void> {
  if (changes.name === undefined) return
  await db.updateTable('user_account').set({ name: changes.name }).where('id', '=', userId).execute()
}

export async function findRole(db: Db, teamId: number, userId: number): Promise<Role | undefined> {
  const row = await db
    .selectFrom('membership')
    .select('role')
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row?.role
}

function toUser(row: Selectable<Tables['user_account']>): User {
  return {
    id: row.id,
    // Only parsed addresses are ever stored.
    email: row.email as Email,
    name: row.name,
    isOperator: row.is_operator === 1,
    status: row.status,
    createdAt: new Date(row.created_at_ms),
    credentialsVersion: row.credentials_version,
  }
}
