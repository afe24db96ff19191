import { DomainError } from './errors.ts'

/** What an actor may do; API keys are limited to some of them. */
export const ABILITIES = [
  'links:read',
  'links:write',
  'analytics:read',
  'qr:read',
  'qr:write',
  'user:read',
  'user:write',
  'files:read',
  'files:write',
  'network:read',
  'webhooks:read',
  'webhooks:write',
] as const

export type Ability = (typeof ABILITIES)[number]

/** The abilities of a key: a list, or `*` for whatever its owner may do. */
export type AbilityGrant = readonly ('*' | Ability)[]

export type Role = 'owner' | 'admin' | 'member' | 'viewer'

/** Someone who is signed in, acting in one team. */
export interface Member {
  readonly kind: 'member'
  readonly userId: number
  readonly teamId: number
  readonly role: Role
  readonly isOperator: boolean
  /** What the key was granted; that of a session or JWT is `*`. */
  readonly grant: AbilityGrant
  /** What the role allows, less what the key does not. */
  readonly abilities: ReadonlySet<Ability>
  /** The API key that was shown; null for a session or JWT. */
  readonly keyId: number | null
  /** The session that was shown; absent for a key or JWT. */
  readonly sessionId?: number | undefined
}

/** Nobody in particular, and what became of the credential if one was shown. */
export interface Anonymous {
  readonly kind: 'anonymous'
  readonly credential: 'missing' | 'unknown' | 'expired' | 'blocked'
}

export type Actor = Member | Anonymous

const VIEWER: readonly Ability[] = ABILITIES.filter((ability) => ability.endsWith(':read'))

/** The abilities of a role before a key narrows them: a viewer reads, everyone else also writes. */
export function roleAbilities(role: Role): readonly Ability[] {
  return role === 'viewer' ? VIEWER : ABILITIES
}

/** What somebody with this role may do with a key of this grant. */
export function effectiveAbilities(role: Role, grant: AbilityGrant): ReadonlySet<Ability> {
  const allowed = roleAbilities(role)
  return new Set(grant.includes('*') ? allowed : allowed.filter((ability) => grant.includes(ability)))
}

/** Somebody in a team, as far as a grant goes. */
export function memberWith(
  bearer: Pick<Member, 'userId' | 'teamId' | 'role' | 'isOperator'>,
  grant: AbilityGrant,
  keyId: number | null,
): Member {
  const { userId, teamId, role, isOperator } = bearer
  const abilities = effectiveAbilities(role, grant)
  return { kind: 'member', userId, teamId, role, isOperator, grant, abilities, keyId }
}

/**
 * The signed-in actor.
 *
 * @throws DomainError `unauthenticated`, or `account-blocked` when the credential is a blocked account's
 */
export function requireMember(actor: Actor): Member {
  if (actor.kind === 'member') return actor
  if (actor.credential === 'blocked') throw new DomainError('account-blocked', {})
  throw new DomainError('unauthenticated', { reason: actor.credential })
}

/**
 * The signed-in actor, who may change what the acting team is and pays for.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `role-required`
 */
export function requireTeamAdmin(actor: Actor): Member {
  const member = requireAbility(actor, 'user:write')
  requireRole(member, 'admin')
  return member
}

/**
 * Refuse who is less than an admin, or than an owner, in the acting team.
 *
 * @throws DomainError `role-required`
 */
export function requireRole({ role }: Pick<Member, 'role'>, least: 'admin' | 'owner'): void {
  if (role !== 'owner' && (least === 'owner' || role !== 'admin'))
    throw new DomainError('role-required', { role: least })
}

/**
 * The signed-in actor, whose credential may change the user's own account. The role in the acting team does not matter:
 * who only views a team's links has a password as well.
 *
 * @throws DomainError `unauthenticated`, `account-blocked` or `forbidden`
 */
export function requireOwnAccount(actor: Actor): Member {
  const member = requireMember(actor)
  const ability = 'user:write'
  if (!member.grant.includes('*') && !member.grant.includes(ability))
    throw new DomainError('forbidden', { ability })
  return member
}

/**
 * The signed-in actor, who is an operator of the installation, with a credential that may write.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `role-required`
 */
export function requireOperator(actor: Actor): Member {
  const member = requireAbility(actor, 'user:write')
  if (!member.isOperator) throw new DomainError('role-required', { role: 'operator' })
  return member
}

/**
 * The signed-in actor, who has the ability.
 *
 * @throws DomainError `unauthenticated`, `account-blocked` or `forbidden`
 */
export function requireAbility(actor: Actor, ability: Ability): Member {
  const member = requireMember(actor)
  if (!member.abilities.has(ability)) throw new DomainError('forbidden', { ability })
  return member
}
