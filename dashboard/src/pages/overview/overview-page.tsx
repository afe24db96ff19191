import { Link2 } from 'lucide-react'
import { useLocation } from 'wouter'
import { linksQuery } from '#dash/api/links.ts'
import { useAccount, useCanWrite } from '#dash/api/session.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Report } from '#dash/pages/link/report.tsx'
import { QuickCreate } from '#dash/pages/links/quick-create.tsx'
import { LinkButton } from '#dash/ui/button.tsx'
import { Page } from '#dash/ui/page.tsx'
import { EmptyState } from '#dash/ui/states.tsx'

/** How the team's links do, and the field for a new one. */
export function OverviewPage() {
  const account = useAccount()
  const canWrite = useCanWrite()
  const [, navigate] = useLocation()
  const links = useInfiniteQuery(linksQuery({}))
  const hasLinks = links.data === undefined || (links.data.pages[0]?.total ?? 0) > 0
  return (
    <Page title="Overview" text={`All links of ${account.team.name} together.`}>
      <div className="stack" data-gap="large">
        {canWrite && (
          <QuickCreate onMore={(target) => navigate(`/app/links?form=${encodeURIComponent(target)}`)} />
        )}
        {hasLinks ? (
          <Report />
        ) : (
          <EmptyState
            icon={<Link2 size={24} />}
            title="Nothing to see yet"
            text="Paste a URL into the field above and share the short link: its clicks are shown here, by time, place, device and network."
          >
            <LinkButton href="/app/links?import">Import links from CSV</LinkButton>
          </EmptyState>
        )}
      </div>
    </Page>
  )
}
