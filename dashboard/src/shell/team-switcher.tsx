import { useQuery } from '@tanstack/react-query'
import { Check, ChevronsUpDown, Plus } from 'lucide-react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { useLocation } from 'wouter'
import { type Account, teamsQuery, useSwitchTeam } from '#dash/api/session.ts'
import { Menu, MenuItem, MenuSeparator } from '#dash/ui/menu.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { Monogram } from './monogram.tsx'

/** Which team is acted for, and the others. */
export function TeamSwitcher({ account }: { readonly account: Account }) {
  const teams = useQuery(teamsQuery)
  const switchTeam = useSwitchTeam()
  const [path, navigate] = useLocation()
  const { team } = account
  return (
    <Menu
      label="Teams"
      placement="bottom start"
      button={
        <AriaButton className="team-button">
          <Monogram name={team.name} />
          <span className="team-button-text">
            <span className="clip">{team.name}</span>
            <small>{account.plan} plan</small>
          </span>
          <ChevronsUpDown size={15} aria-hidden="true" />
          <span className="visually-hidden">Switch team</span>
        </AriaButton>
      }
    >
      {(teams.data?.data ?? [team]).map(({ id, name }) => (
        <MenuItem
          key={id}
          icon={<Monogram name={name} size="small" />}
          end={id === team.id ? <Check size={16} className="menu-check" aria-label="Current" /> : undefined}
          onAction={() => {
            if (id === team.id) return
            // What is open may not be the other team's: its list is.
            navigate(path.split('/').slice(0, 3).join('/'))
            switchTeam.mutate(id, {
              onSuccess: () => toast(`You now act for ${name}`),
              onError: (error) => toastError('The team could not be switched', error),
            })
          }}
        >
          {name}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={<Plus size={16} />} href="/app/team?new">
        New team
      </MenuItem>
    </Menu>
  )
}
