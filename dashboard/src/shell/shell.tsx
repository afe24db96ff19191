import { useQuery } from '@tanstack/react-query'
import { Menu as MenuIcon, Search } from 'lucide-react'
import { type ReactNode, Suspense, useEffect, useState } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Link } from 'react-aria-components/Link'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Redirect, useLocation } from 'wouter'
import { type Account, accountQuery } from '#dash/api/session.ts'
import { IconButton } from '#dash/ui/button.tsx'
import { Logo } from '#dash/ui/logo.tsx'
import { ErrorState, SkeletonRows } from '#dash/ui/states.tsx'
import { AccountMenu } from './account-menu.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { isAt, placesFor } from './navigation.ts'
import { Palette } from './palette.tsx'
import { TeamSwitcher } from './team-switcher.tsx'

/** What stands around every page for those who are signed in; others are sent to sign in, and come back. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const account = useQuery(accountQuery)
  const [path] = useLocation()
  if (account.data === null) {
    const next = `${path}${location.search}`
    return (
      <Redirect to={`/app/sign-in${next === '/app' ? '' : `?next=${encodeURIComponent(next)}`}`} replace />
    )
  }
  if (account.data === undefined)
    return account.error === null ? null : (
      <ErrorState error={account.error} onRetry={() => void account.refetch()} />
    )
  return <SignedIn account={account.data}>{children}</SignedIn>
}

interface SignedInProps {
  readonly account: Account
  readonly children: ReactNode
}

function SignedIn({ account, children }: SignedInProps) {
  const [path] = useLocation()
  const [isNavigationOpen, setNavigationOpen] = useState(false)
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  useEffect(() => setNavigationOpen(false), [path])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      setPaletteOpen(true)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])

  const navigation = (
    <>
      <TeamSwitcher account={account} />
      <button type="button" className="palette-button" onClick={() => setPaletteOpen(true)}>
        <Search size={15} aria-hidden="true" />
        <span>Search or create</span>
        <kbd>{/Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl'} K</kbd>
      </button>
      <Navigation account={account} path={path} />
      <AccountMenu account={account} />
    </>
  )
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header className="top-bar">
        <IconButton
          label="Navigation"
          icon={<MenuIcon size={20} />}
          onPress={() => setNavigationOpen(true)}
        />
        <Link href="/app" className="logo-link">
          <Logo />
        </Link>
        <IconButton
          label="Search or create"
          icon={<Search size={19} />}
          onPress={() => setPaletteOpen(true)}
        />
      </header>
      <header className="side">
        <Link href="/app" className="logo-link">
          <Logo />
        </Link>
        {navigation}
      </header>
      <ModalOverlay
        className="scrim"
        data-place="side"
        isDismissable
        isOpen={isNavigationOpen}
        onOpenChange={setNavigationOpen}
      >
        <Modal className="modal">
          <Dialog className="side side-drawer" aria-label="Navigation">
            {navigation}
          </Dialog>
        </Modal>
      </ModalOverlay>
      <main id="content" className="content" tabIndex={-1}>
        <ErrorBoundary key={path}>
          <Suspense fallback={<SkeletonRows rows={8} />}>{children}</Suspense>
        </ErrorBoundary>
      </main>
      <Palette account={account} isOpen={isPaletteOpen} onOpenChange={setPaletteOpen} />
    </div>
  )
}

function Navigation({ account, path }: { readonly account: Account; readonly path: string }) {
  return (
    <nav className="navigation" aria-label="Main">
      {placesFor(account).map((group) => (
        <div key={group.name} className="navigation-group">
          <h2>{group.name}</h2>
          <ul>
            {group.places.map(({ name, href, icon: Icon }) => (
              <li key={href}>
                <Link
                  href={href}
                  className="navigation-link"
                  {...(isAt(href, path) && { 'aria-current': 'page' as const })}
                >
                  <Icon size={17} aria-hidden="true" />
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}
