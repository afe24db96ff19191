import {
  createTeam,
  deleteTeam,
  getTeamView,
  listTeamViews,
  renameTeam,
  type TeamView,
} from '#core/accounts/manage-teams.ts'
import { parseName } from '#core/accounts/profile.ts'
import { changeRole, listMembers, removeMember, type TeamMember } from '#core/accounts/team-members.ts'
import { DomainError } from '#core/errors.ts'
import { endpoint } from './endpoint.ts'
import { cursorOf, parseCursor } from './list-cursor.ts'
import { cursorParameter, limitParameter, listOf } from './wire/fields.ts'
import { Member, MemberChange, Team, TeamName } from './wire/teams.ts'

/** Teams and who is in them. */
export const teamEndpoints = [
  endpoint({
    method: 'GET',
    path: '/teams',
    summary: 'Teams of the account',
    tag: 'Teams',
    access: 'user:read',
    answer: listOf(Team),
    // One is in few enough for one page.
    handle: async ({ ctx }) => ({ data: (await listTeamViews(ctx)).map(teamToWire), next_cursor: null }),
  }),
  endpoint({
    method: 'POST',
    path: '/teams',
    summary: 'Make a shared team',
    description: 'It is on the plan of new accounts; what its members use counts together.',
    tag: 'Teams',
    access: 'own-account',
    body: TeamName,
    creates: 'the team',
    status: 201,
    answer: Team,
    problems: ['too-many-teams'],
    handle: async ({ ctx, body }) => teamToWire(await createTeam(ctx, parseName(body.name))),
  }),
  endpoint({
    method: 'GET',
    path: '/teams/{id}',
    summary: 'One team',
    tag: 'Teams',
    access: 'user:read',
    answer: Team,
    problems: ['team-not-found'],
    handle: async ({ ctx, params }) => teamToWire(await getTeamView(ctx, parseTeamId(params.id))),
  }),
  endpoint({
    method: 'PATCH',
    path: '/teams/{id}',
    summary: 'Call a team something else',
    description: 'For owners and admins.',
    tag: 'Teams',
    access: 'own-account',
    body: TeamName,
    answer: Team,
    problems: ['team-not-found', 'role-required'],
    handle: async ({ ctx, params, body }) =>
      teamToWire(await renameTeam(ctx, parseTeamId(params.id), parseName(body.name))),
  }),
  endpoint({
    method: 'DELETE',
    path: '/teams/{id}',
    summary: 'Delete a shared team',
    description: 'For owners. Nobody is in it from now on; its links and files are deleted soon after.',
    tag: 'Teams',
    access: 'own-account',
    status: 204,
    problems: ['team-not-found', 'team-personal', 'role-required'],
    handle: ({ ctx, params }) => deleteTeam(ctx, parseTeamId(params.id)),
  }),
  endpoint({
    method: 'GET',
    path: '/teams/{id}/members',
    summary: 'Who is in a team',
    tag: 'Teams',
    access: 'user:read',
    query: { limit: limitParameter(100), cursor: cursorParameter },
    answer: listOf(Member),
    problems: ['team-not-found'],
    handle: async ({ ctx, params, query: { limit, cursor } }) => {
      const page = { afterUserId: parseCursor(cursor), limit }
      const { members, hasNext } = await listMembers(ctx, parseTeamId(params.id), page)
      const last = members.at(-1)
      return {
        data: members.map(memberToWire),
        next_cursor: hasNext && last !== undefined ? cursorOf(last.userId) : null,
      }
    },
  }),
  endpoint({
    method: 'PATCH',
    path: '/teams/{id}/members/{user}',
    summary: 'Give a member another role',
    description: 'For owners and admins. Only owners make and change owners, and a team keeps one.',
    tag: 'Teams',
    access: 'own-account',
    body: MemberChange,
    answer: Member,
    problems: ['team-not-found', 'member-not-found', 'role-required', 'last-owner'],
    handle: async ({ ctx, params, body: { role } }) =>
      memberToWire(await changeRole(ctx, parseTeamId(params.id), parseUserId(params.user), role)),
  }),
  endpoint({
    method: 'DELETE',
    path: '/teams/{id}/members/{user}',
    summary: 'Take a member out of a team, or leave it',
    description: 'The keys they made for the team go with them; what they put into it stays.',
    tag: 'Teams',
    access: 'own-account',
    status: 204,
    problems: ['team-not-found', 'member-not-found', 'role-required', 'last-owner'],
    handle: ({ ctx, params }) => removeMember(ctx, parseTeamId(params.id), parseUserId(params.user)),
  }),
]

/** A team as one of its members sees it. */
export function teamToWire(team: TeamView): Team {
  return {
    id: team.id,
    name: team.name,
    role: team.role,
    is_personal: team.isPersonal,
    members: team.memberCount,
    plan: team.plan,
    created_at: team.createdAt.toISOString(),
  }
}

export function memberToWire({ userId, name, email, role, joinedAt }: TeamMember): Member {
  return { user: { id: userId, name, email }, role, joined_at: joinedAt.toISOString() }
}

/** @throws DomainError `team-not-found` for what is no number of a team */
export function parseTeamId(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new DomainError('team-not-found', { teamId: 0 })
  return Number(text)
}

function parseUserId(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new DomainError('member-not-found', { userId: 0 })
  return Number(text)
}
