import { createKey, type KeyOfTeam, listTeamKeys, revokeTeamKey } from '#core/accounts/api-keys.ts'
import { getProfile, parseName } from '#core/accounts/profile.ts'
import { DomainError } from '#core/errors.ts'
import { parseExpiry } from '#core/links/link.ts'
import { ABILITIES, type Ability, type AbilityGrant, requireMember } from '#core/permissions.ts'
import { endpoint } from './endpoint.ts'
import { nextCursor, parseCursor } from './list-cursor.ts'
import { cursorParameter, limitParameter, listOf } from './wire/fields.ts'
import { AbilityWord, Key, KeyNew, KeyWithSecret } from './wire/keys.ts'

/** What each ability lets a key do. */
const DESCRIPTIONS: Readonly<Record<'*' | Ability, string>> = {
  '*': 'Whatever its owner may do, now and in later releases.',
  'links:read': 'See links and their pages.',
  'links:write': 'Make, change and delete links.',
  'analytics:read': 'Read reports of clicks.',
  'qr:read': 'See QR codes.',
  'qr:write': 'Make, change and delete QR codes.',
  'user:read': 'See the account, its teams, keys, plan and usage.',
  'user:write': 'Change the account, its teams, keys and plan.',
  'files:read': 'List files.',
  'files:write': 'Upload and delete files.',
  'network:read': 'Look up addresses, domains and networks.',
  'webhooks:read': 'See webhooks and their deliveries.',
  'webhooks:write': 'Make, change, test and delete webhooks.',
}

/** API keys of the acting team. */
export const keyEndpoints = [
  endpoint({
    method: 'GET',
    path: '/keys',
    summary: 'Keys of the team, newest first',
    description: 'Owners and admins see those of everybody, others their own.',
    tag: 'Keys',
    access: 'user:read',
    query: { limit: limitParameter(100), cursor: cursorParameter },
    answer: listOf(Key),
    handle: async ({ ctx, query: { limit, cursor } }) => {
      const { keys, hasNext } = await listTeamKeys(ctx, { beforeId: parseCursor(cursor), limit })
      return { data: keys.map(toWire), next_cursor: nextCursor(keys, hasNext) }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/keys',
    summary: 'Make a key',
    description: 'It can do no more than what makes it, and lasts no longer. The secret is shown this once.',
    tag: 'Keys',
    access: 'user:write',
    body: KeyNew,
    creates: 'the key',
    status: 201,
    answer: KeyWithSecret,
    problems: ['abilities-exceeded', 'extra-keys-used-up'],
    handle: async ({ ctx, body }) => {
      const { key, secret } = await createKey(ctx, {
        dialect: body.dialect,
        name: parseName(body.name),
        abilities: body.abilities ? parseGrant(body.abilities) : requireMember(ctx.actor).grant,
        expiresAt: body.expires_at ? parseExpiry(body.expires_at, ctx.now()) : undefined,
      })
      const { user } = await getProfile(ctx)
      const createdBy = { id: user.id, name: user.name, email: user.email }
      return { ...toWire({ ...key, createdBy }), secret }
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/keys/{id}',
    summary: 'End a key',
    description: 'It opens nothing from the next request on. Owners and admins end those of everybody.',
    tag: 'Keys',
    access: 'user:write',
    status: 204,
    problems: ['key-not-found'],
    handle: ({ ctx, params }) => revokeTeamKey(ctx, params.id),
  }),
  endpoint({
    method: 'GET',
    path: '/abilities',
    summary: 'What keys can be allowed',
    tag: 'Keys',
    access: 'public',
    answer: listOf(AbilityWord),
    handle: () => ({
      data: Object.entries(DESCRIPTIONS).map(([name, description]) => ({ name, description })),
      next_cursor: null,
    }),
  }),
]

/** @throws DomainError `invalid-input` for none, or for a word that is no ability */
function parseGrant(words: readonly string[]): AbilityGrant {
  const invalid = (field: string, problem: string) =>
    new DomainError('invalid-input', { problems: [{ field, problem }] })
  if (words.length === 0) throw invalid('abilities', 'must not be empty')
  const known = new Set<string>(['*', ...ABILITIES])
  for (const [index, word] of words.entries())
    if (!known.has(word)) throw invalid(`abilities.${index}`, `must be one of *, ${ABILITIES.join(', ')}`)
  // Each was just found among them.
  return [...new Set(words)] as unknown as AbilityGrant
}

function toWire(key: KeyOfTeam): Key {
  return {
    id: key.publicId,
    name: key.name,
    dialect: key.dialect,
    hint: key.hint,
    abilities: [...key.abilities],
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    created_by: key.createdBy,
  }
}
