import { BookOpen, ChevronsUpDown, LogOut, Monitor, Moon, Settings, Sun } from 'lucide-react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { useLocation } from 'wouter'
import { type Account, useSignOut } from '#dash/api/session.ts'
import { Menu, MenuItem, MenuSeparator } from '#dash/ui/menu.tsx'
import { setTheme, useTheme } from '#dash/ui/theme.tsx'
import { toastError } from '#dash/ui/toast.tsx'
import { Monogram } from './monogram.tsx'

/** Who is signed in; the way to the settings, the colours and out. */
export function AccountMenu({ account }: { readonly account: Account }) {
  const [, navigate] = useLocation()
  const signOut = useSignOut()
  const theme = useTheme()
  return (
    <Menu
      label="Account"
      placement="top start"
      button={
        <AriaButton className="team-button account-button">
          <Monogram name={account.name || account.email} isRound />
          <span className="team-button-text">
            <span className="clip">{account.name || account.email}</span>
            {account.name !== '' && <small className="clip">{account.email}</small>}
          </span>
          <ChevronsUpDown size={15} aria-hidden="true" />
          <span className="visually-hidden">Account menu</span>
        </AriaButton>
      }
    >
      <MenuItem icon={<Settings size={16} />} href="/app/settings">
        Settings
      </MenuItem>
      <MenuItem icon={<BookOpen size={16} />} href="/docs">
        API reference
      </MenuItem>
      {theme === 'dark' ? (
        <MenuItem icon={<Sun size={16} />} onAction={() => setTheme('light')}>
          Light colours
        </MenuItem>
      ) : (
        <MenuItem icon={<Moon size={16} />} onAction={() => setTheme('dark')}>
          Dark colours
        </MenuItem>
      )}
      <MenuItem icon={<Monitor size={16} />} onAction={() => setTheme('system')}>
        The system’s colours
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        icon={<LogOut size={16} />}
        onAction={() =>
          signOut.mutate(undefined, {
            onSuccess: () => navigate('/'),
            onError: (error) => toastError('You could not be signed out', error),
          })
        }
      >
        Sign out
      </MenuItem>
    </Menu>
  )
}
