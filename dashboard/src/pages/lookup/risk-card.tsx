import type { Listing, RiskReport, ZoneCounts } from '#dash/api/lookup.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { plural } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'

/** Which blocklists it is on, of those that answered. */
export function RiskCard({ risk }: { readonly risk: RiskReport }) {
  return (
    <Card title="Blocklists">
      <div className="stack">
        <ListedAs
          what="Address"
          isListed={risk.ip_blacklisted}
          listings={risk.ip_listings}
          zones={risk.ip_zones}
        />
        {risk.domain_blacklisted !== undefined && (
          <ListedAs
            what="Domain"
            isListed={risk.domain_blacklisted}
            listings={risk.domain_listings}
            zones={risk.domain_zones}
          />
        )}
        {risk.mx?.map(({ host, ip, blacklisted, listings }) => (
          <ListedAs
            key={`${host} ${ip}`}
            what={`Mail server ${host}`}
            isListed={blacklisted}
            listings={listings}
          />
        ))}
      </div>
    </Card>
  )
}

interface ListedAsProps {
  readonly what: string
  readonly isListed: boolean | null
  readonly listings?: readonly Listing[] | undefined
  readonly zones?: ZoneCounts | undefined
}

function ListedAs({ what, isListed, listings = [], zones }: ListedAsProps) {
  return (
    <div className="stack" data-gap="small">
      <div className="spread">
        <span className="clip">{what}</span>
        {isListed === null ? (
          <Badge>Not known</Badge>
        ) : isListed ? (
          <Badge tone="bad">On {plural(listings.length, 'list')}</Badge>
        ) : (
          <Badge tone="good">{zones === undefined ? 'On none' : `On none of ${zones.answered}`}</Badge>
        )}
      </div>
      {listings.length > 0 && (
        <ul className="plain-list small">
          {listings.map(({ zone, name, meaning, reason }) => (
            <li key={zone}>
              <span>
                <strong>{name}</strong>
                {meaning === undefined ? '' : `: ${meaning}`}
                {reason !== undefined && <span className="faint"> {reason}</span>}
              </span>
              <code className="faint">{zone}</code>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
