import { useQuery } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { Link } from 'react-aria-components/Link'
import { type OpenApiDocument, openApiQuery } from '#dash/api/openapi.ts'
import { instanceQuery } from '#dash/api/session.ts'
import { LinkButton } from '#dash/ui/button.tsx'
import { SearchField } from '#dash/ui/fields.tsx'
import { Logo } from '#dash/ui/logo.tsx'
import { useTitle } from '#dash/ui/page.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { EndpointView } from './endpoint-view.tsx'
import { Prose } from './prose.tsx'
import { searchSections, type Section, sectionsOf } from './reference.ts'

/** The reference of the API, from the description that the server makes of itself. */
export function DocsPage() {
  useTitle('API reference')
  const document = useQuery(openApiQuery)
  return (
    <div className="docs">
      <header className="docs-bar">
        <Link href="/" className="logo-link">
          <Logo />
        </Link>
        <div className="button-row">
          <a href="/openapi.json" className="docs-raw">
            openapi.json
          </a>
          <LinkButton href="/app/keys" size="small">
            API keys
          </LinkButton>
        </div>
      </header>
      <Loaded query={document}>{(data) => <Reference document={data} />}</Loaded>
    </div>
  )
}

function Reference({ document }: { readonly document: OpenApiDocument }) {
  const [search, setSearch] = useState('')
  const [sections] = useState(() => sectionsOf(document))
  const instance = useQuery(instanceQuery)
  const hash = useHash()
  const shown =
    sections.find(
      ({ name, endpoints }) => hash === anchorOf(name) || endpoints.some(({ id }) => id === hash),
    ) ?? undefined
  useEffect(() => {
    if (hash === '') return
    window.document.getElementById(hash)?.scrollIntoView()
  }, [hash])
  return (
    <div className="docs-body">
      <aside className="docs-side" data-start={shown === undefined && search.trim() === '' ? '' : undefined}>
        <SearchField label="Search endpoints" value={search} onChange={setSearch} />
        <Contents sections={searchSections(sections, search)} hash={hash} isOpen={search.trim() !== ''} />
      </aside>
      <main className="docs-main" tabIndex={-1}>
        {shown === undefined ? (
          <Introduction document={document} sections={sections} />
        ) : (
          <SectionView
            section={shown}
            document={document}
            baseUrl={instance.data?.base_url ?? location.origin}
          />
        )}
      </main>
    </div>
  )
}

interface ContentsProps {
  readonly sections: readonly Section[]
  readonly hash: string
  /** All of them, as when something is looked for. */
  readonly isOpen: boolean
}

function Contents({ sections, hash, isOpen }: ContentsProps) {
  if (sections.length === 0)
    return (
      <EmptyState
        icon={<Search size={20} />}
        title="Nothing is called that"
        text="Search for a part of the path, or what it does."
      />
    )
  return (
    <nav aria-label="Endpoints">
      <ul className="docs-contents">
        {sections.map(({ name, endpoints }) => {
          const isHere = hash === anchorOf(name) || endpoints.some(({ id }) => id === hash)
          return (
            <li key={name}>
              <a
                href={`#${anchorOf(name)}`}
                className="docs-tag"
                {...(isHere && { 'aria-current': 'true' as const })}
              >
                {name}
                <span className="small faint">{endpoints.length}</span>
              </a>
              {(isHere || isOpen) && (
                <ul>
                  {endpoints.map(({ id, method, path, operation }) => (
                    <li key={id}>
                      <a
                        href={`#${id}`}
                        className="docs-entry"
                        title={`${method} ${path}`}
                        {...(id === hash && { 'aria-current': 'location' as const })}
                      >
                        <span className="method" data-method={method}>
                          {method}
                        </span>
                        <span>{operation.summary}</span>
                      </a>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

interface IntroductionProps {
  readonly document: OpenApiDocument
  readonly sections: readonly Section[]
}

function Introduction({ document, sections }: IntroductionProps) {
  const { title, version, description = '' } = document.info
  return (
    <div className="stack" data-gap="large">
      <div className="stack">
        <h1>
          {title} API <span className="docs-version">{version}</span>
        </h1>
        <Prose text={description} />
      </div>
      <ul className="docs-sections">
        {sections.map(({ name, description: text, endpoints }) => (
          <li key={name}>
            <a href={`#${anchorOf(name)}`}>
              <strong>{name}</strong>
              <span className="soft">{text}</span>
              <span className="small faint">
                {endpoints.length === 1 ? '1 endpoint' : `${endpoints.length} endpoints`}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  )
}

interface SectionViewProps {
  readonly section: Section
  readonly document: OpenApiDocument
  readonly baseUrl: string
}

function SectionView({ section, document, baseUrl }: SectionViewProps) {
  return (
    <div className="stack" data-gap="large">
      <div className="page-head-text" id={anchorOf(section.name)}>
        <a href="#" className="back-link">
          Overview
        </a>
        <h1>{section.name}</h1>
        <p>{section.description}</p>
      </div>
      {section.endpoints.map((endpoint) => (
        <EndpointView
          key={endpoint.id}
          endpoint={endpoint}
          schemas={document.components?.schemas ?? {}}
          baseUrl={baseUrl}
        />
      ))}
    </div>
  )
}

/** The address of a section; that of an endpoint is its operation's id. */
function anchorOf(name: string): string {
  return `section-${name.toLowerCase().replaceAll(' ', '-')}`
}

/** What stands behind `#` in the address. */
function useHash(): string {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener('hashchange', listener)
      return () => window.removeEventListener('hashchange', listener)
    },
    () => decodeURIComponent(location.hash.slice(1)),
  )
}
