import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { instanceQuery, type Role, useAccount, useSwitchTeam } from '#dash/api/session.ts'
import { ROLES, useTeamChanges } from '#dash/api/teams.ts'
import { Button } from '#dash/ui/button.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { Select, TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { toast } from '#dash/ui/toast.tsx'

interface DialogProps {
  readonly onClose: () => void
}

/** Makes a team, and acts for it from then on. */
export function NewTeamDialog({ onClose }: DialogProps) {
  const { create } = useTeamChanges()
  const switchTeam = useSwitchTeam()
  return (
    <Dialog title="New team" size="small" isOpen onOpenChange={onClose}>
      <Form
        action={async ({ name = '' }) => {
          const team = await create(name.trim())
          await switchTeam.mutateAsync(team.id)
          onClose()
          toast('Team created', 'You act for it now. Invite who is to be in it.')
        }}
      >
        <TextField
          label="Name"
          name="name"
          isRequired
          autoFocus
          maxLength={100}
          placeholder="Marketing"
          hint="It has links, files, keys and a plan of its own."
        />
        <div className="dialog-foot">
          <Button onPress={onClose}>Cancel</Button>
          <SubmitButton>Create team</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}

/** Calls the acting team something else. */
export function RenameTeamDialog({ onClose }: DialogProps) {
  const { team } = useAccount()
  const { rename } = useTeamChanges()
  return (
    <Dialog title="Rename team" size="small" isOpen onOpenChange={onClose}>
      <Form
        action={async ({ name = '' }) => {
          await rename(team.id, name.trim())
          toast('Team renamed')
          onClose()
        }}
      >
        <TextField label="Name" name="name" isRequired autoFocus maxLength={100} defaultValue={team.name} />
        <div className="dialog-foot">
          <Button onPress={onClose}>Cancel</Button>
          <SubmitButton>Rename team</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}

/** Invites somebody by mail. */
export function InviteDialog({ onClose }: DialogProps) {
  const { team } = useAccount()
  const { invite } = useTeamChanges()
  const instance = useQuery(instanceQuery)
  const [role, setRole] = useState<Role>('member')
  const roles = ROLES.filter(({ id }) => id !== 'owner' || team.role === 'owner')
  return (
    <Dialog title={`Invite to ${team.name}`} isOpen isKept onOpenChange={onClose}>
      <Form
        action={async ({ email = '' }) => {
          await invite(team.id, email.trim(), role)
          toast('Invitation sent', email)
          onClose()
        }}
      >
        <TextField
          label="E-mail"
          name="email"
          type="email"
          isRequired
          autoFocus
          autoComplete="off"
          placeholder="somebody@example.com"
          hint={
            instance.data?.mail === false
              ? 'This server sends no mail now: whoever runs it finds the invitation’s link in its log.'
              : 'They are sent a link that joins the team.'
          }
        />
        <Select
          label="Role"
          name="role"
          choices={roles}
          value={role}
          onChange={setRole}
          hint={ROLES.find(({ id }) => id === role)?.hint ?? ''}
        />
        <div className="dialog-foot">
          <Button onPress={onClose}>Cancel</Button>
          <SubmitButton>Send invitation</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}
