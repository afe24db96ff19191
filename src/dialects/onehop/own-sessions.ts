import { getProfile } from '#core/accounts/profile.ts'
import {
  endOtherSessions,
  endSessionOf,
  type ListedSession,
  listSessions,
  switchTeam,
} from '#core/accounts/sessions.ts'
import { accountToWire } from './account.ts'
import { endpoint } from './endpoint.ts'
import { Account } from './wire/account.ts'
import { listOf } from './wire/fields.ts'
import { Session, TeamChoice } from './wire/own-sessions.ts'

/** Where whoever asks is signed in. */
export const ownSessionEndpoints = [
  endpoint({
    method: 'PUT',
    path: '/session/team',
    summary: 'Act in another team',
    description: 'Of the session of the cookie, from now on; a key stays in its team.',
    tag: 'Sessions',
    access: 'own-account',
    body: TeamChoice,
    answer: Account,
    problems: ['session-required', 'team-not-found'],
    handle: async ({ ctx, body: { team } }) => {
      const switched = await switchTeam(ctx, team)
      return accountToWire(switched, await getProfile(switched))
    },
  }),
  endpoint({
    method: 'GET',
    path: '/sessions',
    summary: 'Where the account is signed in',
    description: 'The session used last first.',
    tag: 'Sessions',
    access: 'user:read',
    answer: listOf(Session),
    handle: async ({ ctx }) => ({ data: (await listSessions(ctx)).map(toWire), next_cursor: null }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/sessions',
    summary: 'Sign out everywhere else',
    tag: 'Sessions',
    access: 'own-account',
    status: 204,
    handle: ({ ctx }) => endOtherSessions(ctx),
  }),
  endpoint({
    method: 'DELETE',
    path: '/sessions/{id}',
    summary: 'Sign out somewhere',
    tag: 'Sessions',
    access: 'own-account',
    status: 204,
    problems: ['session-not-found'],
    handle: ({ ctx, params }) => endSessionOf(ctx, params.id),
  }),
]

function toWire(session: ListedSession & { readonly isCurrent: boolean }): Session {
  return {
    id: session.publicId,
    current: session.isCurrent,
    client: session.client,
    created_at: session.createdAt.toISOString(),
    last_used_at: session.lastUsedAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
  }
}
