import { parseEmail } from '#core/accounts/account.ts'
import {
  acceptInvitation,
  invite,
  type Invitation as TeamInvitation,
  listInvitations,
  resendInvitation,
  revokeInvitation,
  showInvitation,
} from '#core/accounts/invitations.ts'
import { endpoint } from './endpoint.ts'
import { parseTeamId, teamToWire } from './teams.ts'
import { listOf } from './wire/fields.ts'
import { Invitation, InvitationNew, ShownInvitation, Team } from './wire/teams.ts'

/** Who is asked into a team, and their answer. */
export const invitationEndpoints = [
  endpoint({
    method: 'GET',
    path: '/teams/{id}/invitations',
    summary: 'Who was asked into a team and has not answered',
    description: 'For owners and admins.',
    tag: 'Teams',
    access: 'user:read',
    answer: listOf(Invitation),
    problems: ['team-not-found', 'role-required'],
    // A team has few enough for one page.
    handle: async ({ ctx, params }) => ({
      data: (await listInvitations(ctx, parseTeamId(params.id))).map(toWire),
      next_cursor: null,
    }),
  }),
  endpoint({
    method: 'POST',
    path: '/teams/{id}/invitations',
    summary: 'Ask somebody into a team by mail',
    description:
      'For owners and admins; only owners ask owners in. The mail is good for seven days. Asking again voids the mail of before.',
    tag: 'Teams',
    access: 'own-account',
    body: InvitationNew,
    creates: 'the invitation',
    status: 201,
    answer: Invitation,
    problems: [
      'team-not-found',
      'team-personal',
      'role-required',
      'member-exists',
      'too-many-members',
      'rate-limited',
    ],
    handle: async ({ ctx, params, body: { email, role } }) =>
      toWire(await invite(ctx, parseTeamId(params.id), { email: parseEmail(email), role })),
  }),
  endpoint({
    method: 'DELETE',
    path: '/teams/{id}/invitations/{invitation}',
    summary: 'Take an invitation back',
    tag: 'Teams',
    access: 'own-account',
    status: 204,
    problems: ['team-not-found', 'role-required', 'invitation-not-found'],
    handle: ({ ctx, params }) => revokeInvitation(ctx, parseTeamId(params.id), params.invitation),
  }),
  endpoint({
    method: 'POST',
    path: '/teams/{id}/invitations/{invitation}/resend',
    summary: 'Mail an invitation once more',
    description: 'It is good for seven days again; the mail of before is of no use any more.',
    tag: 'Teams',
    access: 'own-account',
    status: 202,
    answer: Invitation,
    problems: ['team-not-found', 'role-required', 'invitation-not-found', 'rate-limited'],
    handle: async ({ ctx, params }) =>
      toWire(await resendInvitation(ctx, parseTeamId(params.id), params.invitation)),
  }),
  endpoint({
    method: 'GET',
    path: '/invitations/{token}',
    summary: 'What a mail invites to',
    tag: 'Teams',
    access: 'public',
    answer: ShownInvitation,
    problems: ['invitation-not-found'],
    handle: async ({ ctx, params }) => {
      const { teamName, email, role, expiresAt, hasAccount } = await showInvitation(ctx, params.token)
      return {
        team: { name: teamName },
        email,
        role,
        expires_at: expiresAt.toISOString(),
        has_account: hasAccount,
      }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/invitations/{token}/accept',
    summary: 'Join the team that a mail invites to',
    description: 'For the account of the address that it was sent to.',
    tag: 'Teams',
    access: 'own-account',
    answer: Team,
    problems: ['invitation-not-found', 'invitation-of-another'],
    handle: async ({ ctx, params }) => teamToWire(await acceptInvitation(ctx, params.token)),
  }),
]

function toWire({ id, email, role, invitedBy, createdAt, expiresAt }: TeamInvitation): Invitation {
  return {
    id,
    email,
    role,
    invited_by: invitedBy,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  }
}
