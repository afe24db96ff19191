import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { LogOut, Mail, MoreHorizontal, RotateCw, Trash2, UsersRound } from 'lucide-react'
import { useLocation } from 'wouter'
import { rowsOf } from '#dash/api/list.ts'
import { type Role, useAccount, useCanManage } from '#dash/api/session.ts'
import {
  type Invitation,
  invitationsQuery,
  type Member,
  membersQuery,
  roleLabel,
  ROLES,
  useTeamChanges,
} from '#dash/api/teams.ts'
import { Monogram } from '#dash/shell/monogram.tsx'
import { Badge } from '#dash/ui/badge.tsx'
import { IconButton } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { Select } from '#dash/ui/fields.tsx'
import { plural, Time } from '#dash/ui/format.tsx'
import { Menu, MenuItem } from '#dash/ui/menu.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'

/** Who is in the team, and who is invited. */
export function TeamMembers() {
  const { team } = useAccount()
  const members = useInfiniteQuery(membersQuery(team.id))
  const canManage = useCanManage()
  return (
    <div className="stack" data-gap="large">
      <Loaded query={members}>
        {(data) => (
          <DataTable
            label="Members"
            columns={COLUMNS}
            rows={rowsOf(data)}
            rowId={({ user }) => String(user.id)}
            hasMore={members.hasNextPage}
            isLoadingMore={members.isFetchingNextPage}
            onLoadMore={() => void members.fetchNextPage()}
            foot={plural(rowsOf(data).length, 'member')}
            empty={null}
          />
        )}
      </Loaded>
      {team.is_personal ? (
        <EmptyState
          icon={<UsersRound size={24} />}
          title="Working with others?"
          text="Nobody else can be in a personal team. Make a new team and invite them to it."
        />
      ) : (
        canManage && <Invitations team={team.id} />
      )}
    </div>
  )
}

const COLUMNS: readonly Column<Member>[] = [
  {
    id: 'user',
    name: 'Member',
    isHeader: true,
    cell: ({ user }) => (
      <div className="with-icon">
        <Monogram name={user.name || user.email} isRound />
        <div className="two-lines">
          <span className="clip">{user.name || user.email}</span>
          {user.name !== '' && <span className="small faint clip">{user.email}</span>}
        </div>
      </div>
    ),
  },
  {
    id: 'role',
    name: 'Role',
    isNarrow: true,
    phone: 'line',
    cell: (member) => <RoleChoice member={member} />,
  },
  {
    id: 'joined',
    name: 'Since',
    isNarrow: true,
    phone: 'hide',
    cell: ({ joined_at: at }) => <Time at={at} as="day" />,
  },
  {
    id: 'actions',
    name: 'Actions',
    isNameHidden: true,
    isNarrow: true,
    align: 'end',
    phone: 'corner',
    cell: (member) => <MemberActions member={member} />,
  },
]

function RoleChoice({ member: { user, role } }: { readonly member: Member }) {
  const { team } = useAccount()
  const canManage = useCanManage()
  const { changeRole } = useTeamChanges()
  // Only owners make and unmake owners.
  const isFixed = !canManage || team.is_personal || (role === 'owner' && team.role !== 'owner')
  if (isFixed) return <Badge>{roleLabel(role)}</Badge>
  async function change(next: Role): Promise<void> {
    try {
      await changeRole(team.id, user.id, next)
      toast(`${user.name || user.email} is ${next === 'owner' || next === 'admin' ? 'an' : 'a'} ${next} now`)
    } catch (error) {
      toastError('The role could not be changed', error)
    }
  }
  return (
    <div className="role-choice">
      <Select
        label={`Role of ${user.name || user.email}`}
        isLabelHidden
        choices={ROLES.filter(({ id }) => id !== 'owner' || team.role === 'owner')}
        value={role}
        onChange={(next) => {
          if (next !== role) void change(next)
        }}
      />
    </div>
  )
}

function MemberActions({ member: { user, role } }: { readonly member: Member }) {
  const account = useAccount()
  const canManage = useCanManage()
  const { removeMember, leave } = useTeamChanges()
  const [, navigate] = useLocation()
  const { team } = account
  const isSelf = user.id === account.id
  if (team.is_personal || (!isSelf && !canManage)) return null
  if (!isSelf && role === 'owner' && team.role !== 'owner') return null

  async function ask(): Promise<void> {
    const isSure = await confirm(
      isSelf
        ? {
            title: `Leave ${team.name}?`,
            text: 'You no longer see what belongs to it. Somebody in it can invite you again.',
            action: 'Leave team',
          }
        : {
            title: `Remove ${user.name || user.email}?`,
            text: `They no longer see what belongs to ${team.name}, and keys they made for it stop working.`,
            action: 'Remove member',
          },
    )
    if (!isSure) return
    try {
      if (isSelf) {
        await leave(team.id, user.id)
        navigate('/app')
      } else await removeMember(team.id, user.id)
      toast(isSelf ? `You left ${team.name}` : 'Member removed')
    } catch (error) {
      toastError(isSelf ? 'You could not leave' : 'The member could not be removed', error)
    }
  }

  return (
    <IconButton
      size="small"
      label={isSelf ? 'Leave team' : `Remove ${user.name || user.email}`}
      icon={isSelf ? <LogOut size={16} /> : <Trash2 size={16} />}
      onPress={() => void ask()}
    />
  )
}

function Invitations({ team }: { readonly team: number }) {
  const invitations = useQuery(invitationsQuery(team))
  if (invitations.data?.data.length === 0) return null
  return (
    <section className="stack" data-gap="small">
      <h2 className="section-title">Invited</h2>
      <Loaded query={invitations}>
        {({ data }) => (
          <DataTable
            label="Invitations"
            columns={INVITATION_COLUMNS}
            rows={data}
            rowId={({ id }) => id}
            empty={null}
          />
        )}
      </Loaded>
    </section>
  )
}

const INVITATION_COLUMNS: readonly Column<Invitation>[] = [
  {
    id: 'email',
    name: 'E-mail',
    isHeader: true,
    cell: ({ email, invited_by: by }) => (
      <div className="with-icon">
        <Mail size={18} className="faint" aria-hidden="true" />
        <div className="two-lines">
          <span className="clip">{email}</span>
          {by !== null && <span className="small faint">by {by.name || by.email}</span>}
        </div>
      </div>
    ),
  },
  {
    id: 'role',
    name: 'Role',
    isNarrow: true,
    phone: 'line',
    cell: ({ role }) => <Badge>{roleLabel(role)}</Badge>,
  },
  {
    id: 'expires',
    name: 'Expires',
    isNarrow: true,
    phone: 'inline',
    phoneLabel: 'Expires',
    cell: ({ expires_at: at }) => <Time at={at} />,
  },
  {
    id: 'actions',
    name: 'Actions',
    isNameHidden: true,
    isNarrow: true,
    align: 'end',
    phone: 'corner',
    cell: (invitation) => <InvitationActions invitation={invitation} />,
  },
]

function InvitationActions({ invitation: { id, email } }: { readonly invitation: Invitation }) {
  const { team } = useAccount()
  const { resend, revoke } = useTeamChanges()
  async function run(action: () => Promise<void>, done: string, failed: string): Promise<void> {
    try {
      await action()
      toast(done, email)
    } catch (error) {
      toastError(failed, error)
    }
  }
  return (
    <Menu
      label={`Invitation of ${email}`}
      button={<IconButton size="small" label="More" icon={<MoreHorizontal size={16} />} />}
    >
      <MenuItem
        icon={<RotateCw size={16} />}
        onAction={() =>
          void run(
            () => resend(team.id, id),
            'Invitation sent again',
            'The invitation could not be sent again',
          )
        }
      >
        Send again
      </MenuItem>
      <MenuItem
        icon={<Trash2 size={16} />}
        tone="danger"
        onAction={() =>
          void run(() => revoke(team.id, id), 'Invitation withdrawn', 'The invitation could not be withdrawn')
        }
      >
        Withdraw invitation
      </MenuItem>
    </Menu>
  )
}
