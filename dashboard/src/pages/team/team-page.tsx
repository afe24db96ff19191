import { MoreHorizontal, Pencil, Plus, Trash2, UserPlus } from 'lucide-react'
import { useLocation, useSearchParams } from 'wouter'
import { useAccount, useCanManage } from '#dash/api/session.ts'
import { useTeamChanges } from '#dash/api/teams.ts'
import { Button, IconButton } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { Menu, MenuItem, MenuSeparator } from '#dash/ui/menu.tsx'
import { Page } from '#dash/ui/page.tsx'
import { Tabs } from '#dash/ui/tabs.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { InviteDialog, NewTeamDialog, RenameTeamDialog } from './team-dialogs.tsx'
import { TeamAudit } from './team-audit.tsx'
import { TeamMembers } from './team-members.tsx'

type Tab = 'members' | 'audit'

/** Who is in the team, and what they changed. */
export function TeamPage() {
  const { team } = useAccount()
  const canManage = useCanManage()
  const [search, setSearch] = useSearchParams()
  const tab: Tab = search.get('tab') === 'audit' && canManage ? 'audit' : 'members'
  const close = () => setSearch({}, { replace: true })
  return (
    <Page
      title="Members"
      heading={team.name}
      text={
        team.is_personal
          ? 'Your personal team: what is yours alone.'
          : 'What belongs to this team is shared by everybody in it.'
      }
      actions={<TeamActions />}
    >
      {canManage ? (
        <Tabs<Tab>
          label="Team"
          value={tab}
          onChange={(next) => setSearch(next === 'audit' ? { tab: next } : {})}
          tabs={[
            { id: 'members', label: 'Members', content: () => <TeamMembers /> },
            { id: 'audit', label: 'Audit log', content: () => <TeamAudit /> },
          ]}
        />
      ) : (
        <TeamMembers />
      )}
      {search.has('new') && <NewTeamDialog onClose={close} />}
      {search.has('rename') && canManage && <RenameTeamDialog onClose={close} />}
      {search.has('invite') && canManage && !team.is_personal && <InviteDialog onClose={close} />}
    </Page>
  )
}

function TeamActions() {
  const { team } = useAccount()
  const canManage = useCanManage()
  const [, setSearch] = useSearchParams()
  const [, navigate] = useLocation()
  const { remove } = useTeamChanges()

  async function askDelete(): Promise<void> {
    const isSure = await confirm({
      title: `Delete ${team.name}?`,
      text: 'Its links stop working and its files, keys, webhooks and reports are deleted. This cannot be undone.',
      action: 'Delete team',
    })
    if (!isSure) return
    try {
      await remove(team.id)
      toast('Team deleted')
      navigate('/app')
    } catch (error) {
      toastError('The team could not be deleted', error)
    }
  }

  return (
    <>
      {canManage && (
        <Menu
          label="Team"
          button={<IconButton label="More" variant="secondary" icon={<MoreHorizontal size={17} />} />}
        >
          <MenuItem icon={<Pencil size={16} />} onAction={() => setSearch({ rename: '' })}>
            Rename team
          </MenuItem>
          {team.role === 'owner' && !team.is_personal ? (
            <>
              <MenuSeparator />
              <MenuItem icon={<Trash2 size={16} />} tone="danger" onAction={() => void askDelete()}>
                Delete team
              </MenuItem>
            </>
          ) : null}
        </Menu>
      )}
      <Button
        variant={team.is_personal ? 'primary' : 'secondary'}
        icon={<Plus size={16} />}
        onPress={() => setSearch({ new: '' })}
      >
        New team
      </Button>
      {canManage && !team.is_personal && (
        <Button variant="primary" icon={<UserPlus size={16} />} onPress={() => setSearch({ invite: '' })}>
          Invite
        </Button>
      )}
    </>
  )
}
