import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Invitation, Member, ShownInvitation, Team } from '#dialects/onehop/wire/teams.ts'
import { call } from './client.ts'
import { type List, listQuery } from './list.ts'
import type { Role } from './session.ts'

export type { Invitation, Member } from '#dialects/onehop/wire/teams.ts'

export const ROLES: readonly { readonly id: Role; readonly label: string; readonly hint: string }[] = [
  { id: 'owner', label: 'Owner', hint: 'Everything, deleting the team included.' },
  { id: 'admin', label: 'Admin', hint: 'Members, plan and all else, but not deleting the team.' },
  { id: 'member', label: 'Member', hint: 'Links, files, keys and webhooks.' },
  { id: 'viewer', label: 'Viewer', hint: 'Sees everything and changes nothing.' },
]

export function roleLabel(role: Role): string {
  return ROLES.find(({ id }) => id === role)?.label ?? role
}

export const membersQuery = (team: number) =>
  listQuery<Member>(['teams', team, 'members'], `/teams/${team}/members`)

export const invitationsQuery = (team: number) =>
  queryOptions({
    queryKey: ['teams', team, 'invitations'],
    queryFn: ({ signal }) => call<List<Invitation>>('GET', `/teams/${team}/invitations`, { signal }),
  })

export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) =>
      call<ShownInvitation>('GET', `/invitations/${encodeURIComponent(token)}`, { signal }),
    enabled: token !== '',
    retry: false,
  })

/** What members change of their teams. Promises are for forms and questions, which tell what came of them. */
export function useTeamChanges() {
  const client = useQueryClient()
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['teams'] }),
      client.invalidateQueries({ queryKey: ['account'] }),
    ])
  return {
    create: async (name: string) => {
      const team = await call<Team>('POST', '/teams', { body: { name } })
      await refresh()
      return team
    },
    rename: async (team: number, name: string) => {
      await call<Team>('PATCH', `/teams/${team}`, { body: { name } })
      await refresh()
    },
    /** Whoever acts for it acts for their own team afterwards. */
    remove: async (team: number) => {
      await call<undefined>('DELETE', `/teams/${team}`)
      await client.resetQueries()
    },
    changeRole: async (team: number, user: number, role: Role) => {
      await call<Member>('PATCH', `/teams/${team}/members/${user}`, { body: { role } })
      await refresh()
    },
    removeMember: async (team: number, user: number) => {
      await call<undefined>('DELETE', `/teams/${team}/members/${user}`)
      await refresh()
    },
    /** As {@link removeMember}, of oneself. */
    leave: async (team: number, user: number) => {
      await call<undefined>('DELETE', `/teams/${team}/members/${user}`)
      await client.resetQueries()
    },
    invite: async (team: number, email: string, role: Role) => {
      await call<Invitation>('POST', `/teams/${team}/invitations`, { body: { email, role } })
      await refresh()
    },
    revoke: async (team: number, invitation: string) => {
      await call<undefined>('DELETE', `/teams/${team}/invitations/${encodeURIComponent(invitation)}`)
      await refresh()
    },
    resend: async (team: number, invitation: string) => {
      await call<undefined>('POST', `/teams/${team}/invitations/${encodeURIComponent(invitation)}/resend`)
      await refresh()
    },
  }
}

export function useAcceptInvitation() {
  return useMutation({
    mutationFn: (token: string) => call<Team>('POST', `/invitations/${encodeURIComponent(token)}/accept`),
  })
}
