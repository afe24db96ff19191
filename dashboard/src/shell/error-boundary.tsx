import { CircleAlert } from 'lucide-react'
import { Component, type ReactNode } from 'react'
import { Button, LinkButton } from '#dash/ui/button.tsx'
import { EmptyState } from '#dash/ui/states.tsx'

interface Props {
  readonly children: ReactNode
}

/** What is shown in place of a page that broke. */
export class ErrorBoundary extends Component<Props, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error('unknown') }
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children
    // A page of an older version asks for files that are no longer there; loading it anew helps.
    return (
      <EmptyState
        icon={<CircleAlert size={24} />}
        title="This page broke"
        text="It may be from before an update. Load it again; what you saved is kept."
        tone="bad"
        headingLevel={1}
      >
        <Button variant="primary" onPress={() => location.reload()}>
          Load again
        </Button>
        <LinkButton href="/app" onPress={() => this.setState({ error: undefined })}>
          Go to the overview
        </LinkButton>
      </EmptyState>
    )
  }
}
