import { ChevronLeft } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { Link } from 'react-aria-components/Link'

export interface PageProps {
  /** Also the title of the browser's tab. */
  readonly title: string
  /** Instead of the title where it is more than text. */
  readonly heading?: ReactNode
  readonly text?: ReactNode
  /** A `BackLink` to the page that this one is a part of. */
  readonly back?: ReactNode
  /** The page's actions, the primary one last. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A page of the dashboard: its head and what stands below it. */
export function Page({ title, heading, text, back, actions, children }: PageProps) {
  useTitle(title)
  return (
    <div className="page">
      <header className="page-head">
        <div className="page-head-text">
          {back}
          <h1>{heading ?? title}</h1>
          {text !== undefined && <p>{text}</p>}
        </div>
        {actions !== undefined && <div className="button-row">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** The way up from a page. */
export function BackLink({ href, children }: { readonly href: string; readonly children: string }) {
  return (
    <Link href={href} className="back-link">
      <ChevronLeft size={15} aria-hidden="true" />
      {children}
    </Link>
  )
}

/** Name the browser's tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === 'Onehop' ? title : `${title} · Onehop`
  }, [title])
}

export interface CardProps {
  readonly title?: ReactNode
  readonly text?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A part of a page with a head of its own. */
export function Card({ title, text, actions, children }: CardProps) {
  return (
    <section className="card">
      {(title !== undefined || actions !== undefined) && (
        <div className="card-head">
          {title !== undefined && <h2>{title}</h2>}
          {actions !== undefined && <div className="button-row">{actions}</div>}
          {text !== undefined && <p>{text}</p>}
        </div>
      )}
      <div className="card-body">{children}</div>
    </section>
  )
}
