import type { UseQueryResult } from '@tanstack/react-query'
import { CloudOff, RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { messageOf } from '#dash/api/client.ts'
import { Button } from './button.tsx'

export interface EmptyStateProps {
  readonly icon: ReactNode
  readonly title: string
  /** What to do so that it is not empty any more. */
  readonly text: ReactNode
  readonly children?: ReactNode
  readonly tone?: 'bad'
  /** 1 where it is all there is on the page. */
  readonly headingLevel?: 1 | 2
}

/** Stands where a list would be. */
export function EmptyState({ icon, title, text, children, tone, headingLevel = 2 }: EmptyStateProps) {
  const Title = headingLevel === 1 ? 'h1' : 'h2'
  return (
    <div className="empty" data-tone={tone}>
      <span className="empty-icon" aria-hidden="true">
        {icon}
      </span>
      <Title className="empty-title">{title}</Title>
      <p>{text}</p>
      {children !== undefined && <div className="button-row">{children}</div>}
    </div>
  )
}

/** Stands where something could not be loaded. */
export function ErrorState({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  return (
    <EmptyState
      icon={<CloudOff size={24} />}
      title="This could not be loaded"
      text={messageOf(error)}
      tone="bad"
    >
      {onRetry && (
        <Button icon={<RefreshCw size={16} />} onPress={onRetry}>
          Try again
        </Button>
      )}
    </EmptyState>
  )
}

export interface SkeletonProps {
  readonly width?: string
  readonly height?: string
}

/** The place of something that is being loaded. */
export function Skeleton({ width = '100%', height = '1em' }: SkeletonProps) {
  return <span className="skeleton" style={{ width, height }} aria-hidden="true" />
}

/** Rows that are being loaded. */
export function SkeletonRows({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div className="stack" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height="20px" width={`${92 - ((row * 17) % 40)}%`} />
      ))}
    </div>
  )
}

export interface LoadedProps<T> {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>
  readonly skeleton?: ReactNode
  readonly children: (data: T) => ReactNode
}

/** What a query has loaded, or that it is loading, or that it failed and can be tried again. */
export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  const { data, error, refetch } = query
  if (data !== undefined) return children(data)
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return skeleton ?? <SkeletonRows />
}
