import { type ReactNode } from 'react'
import { Link } from 'react-aria-components/Link'
import { Logo } from '#dash/ui/logo.tsx'
import { useTitle } from '#dash/ui/page.tsx'

export interface SignInFrameProps {
  readonly title: string
  readonly text?: ReactNode
  readonly children: ReactNode
  /** The other ways from here. */
  readonly foot?: ReactNode
}

/** A page with one form, for those who are not signed in. */
export function SignInFrame({ title, text, children, foot }: SignInFrameProps) {
  useTitle(title)
  return (
    <main className="sign-in">
      <Link href="/" className="logo-link">
        <Logo />
      </Link>
      <div className="sign-in-card">
        <h1>{title}</h1>
        {text !== undefined && <p className="soft">{text}</p>}
        {children}
      </div>
      {foot !== undefined && <p className="sign-in-foot">{foot}</p>}
    </main>
  )
}
