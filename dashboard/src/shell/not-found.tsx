import { Compass } from 'lucide-react'
import { LinkButton } from '#dash/ui/button.tsx'
import { useTitle } from '#dash/ui/page.tsx'
import { EmptyState } from '#dash/ui/states.tsx'

/** Stands at an address that is no page. */
export function NotFoundPage() {
  useTitle('Not found')
  return (
    <EmptyState
      headingLevel={1}
      icon={<Compass size={24} />}
      title="There is no such page"
      text="The address may be mistyped, or what was here has been deleted."
    >
      <LinkButton href="/app" variant="primary">
        Go to the overview
      </LinkButton>
    </EmptyState>
  )
}
