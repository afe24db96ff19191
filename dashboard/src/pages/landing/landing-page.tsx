import { useQuery } from '@tanstack/react-query'
import { ChartNoAxesCombined, FileUp, Link2, Network } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'react-aria-components/Link'
import { accountQuery, instanceQuery } from '#dash/api/session.ts'
import { Attribution } from '#dash/ui/attribution.tsx'
import { LinkButton } from '#dash/ui/button.tsx'
import { Logo } from '#dash/ui/logo.tsx'
import { useTitle } from '#dash/ui/page.tsx'
import { AsnLookup } from './asn-lookup.tsx'
import { HopFigure } from './hop-figure.tsx'

/** What this installation is, for whoever comes to its front door. */
export function LandingPage() {
  useTitle('Onehop')
  const instance = useQuery(instanceQuery).data
  const account = useQuery(accountQuery).data
  const host = instance === undefined ? location.host : new URL(instance.base_url).host
  return (
    <div className="landing">
      <header className="landing-head">
        <Logo />
        <nav aria-label="Account">
          <Link href="/docs" className="landing-docs">
            API reference
          </Link>
          <LinkButton href={account ? '/app' : '/app/sign-in'}>
            {account ? 'Dashboard' : 'Sign in'}
          </LinkButton>
        </nav>
      </header>
      <main>
        <section className="hero">
          <div className="hero-text">
            <p className="hero-host mono">{host}</p>
            <h1>Short links that know where they are clicked from</h1>
            <p className="hero-lead">
              This is a Onehop server: short links and QR codes, every click counted with the network behind
              it, files to share, and lookups of addresses and autonomous systems. It runs here, and asks
              nobody else.
            </p>
            <div className="button-row">
              {account ? (
                <LinkButton href="/app" variant="primary" size="large">
                  Open the dashboard
                </LinkButton>
              ) : (
                account === null && <Ways instance={instance} />
              )}
            </div>
          </div>
          <HopFigure host={host} />
        </section>
        <AsnLookup lookupsPerDay={instance?.public_asn_lookups_per_day} />
        <section className="features" aria-label="What it does">
          <Feature icon={<Link2 size={19} />} title="Links">
            Wi-Fi, contacts and text too; tags, expiry, CSV in and out, a QR code for each.
          </Feature>
          <Feature icon={<ChartNoAxesCombined size={19} />} title="Clicks">
            Counted before the redirect leaves. Countries, cities, devices, networks; no address is kept.
          </Feature>
          <Feature icon={<Network size={19} />} title="Networks">
            Who holds an address, how a system is connected, from data on this machine.
          </Feature>
          <Feature icon={<FileUp size={19} />} title="Files">
            Upload, share with a password and a date, see what was downloaded.
          </Feature>
        </section>
      </main>
      <footer className="landing-foot">
        <Attribution />
        <span>Onehop {instance?.version}</span>
        <Link href="/docs">API reference</Link>
        <a href="/openapi.json">OpenAPI</a>
      </footer>
    </div>
  )
}

function Ways({
  instance,
}: {
  readonly instance: { readonly signup: string; readonly has_accounts: boolean } | undefined
}) {
  if (instance === undefined) return null
  if (!instance.has_accounts)
    return (
      <LinkButton href="/app/sign-up" variant="primary" size="large">
        Set up this server
      </LinkButton>
    )
  return (
    <>
      {instance.signup === 'open' && (
        <LinkButton href="/app/sign-up" variant="primary" size="large">
          Create an account
        </LinkButton>
      )}
      <LinkButton
        href="/app/sign-in"
        size="large"
        variant={instance.signup === 'open' ? 'secondary' : 'primary'}
      >
        Sign in
      </LinkButton>
    </>
  )
}

interface FeatureProps {
  readonly icon: ReactNode
  readonly title: string
  readonly children: string
}

function Feature({ icon, title, children }: FeatureProps) {
  return (
    <div className="feature">
      <span className="feature-icon" aria-hidden="true">
        {icon}
      </span>
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  )
}
