import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Radar, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Link } from 'react-aria-components/Link'
import { useSearchParams } from 'wouter'
import { type LookupAnswer, type LookupMode, lookupQuery } from '#dash/api/lookup.ts'
import { Attribution } from '#dash/ui/attribution.tsx'
import { Button } from '#dash/ui/button.tsx'
import { TextField } from '#dash/ui/fields.tsx'
import { Form } from '#dash/ui/form.tsx'
import { Card, Page } from '#dash/ui/page.tsx'
import { Progress } from '#dash/ui/progress.tsx'
import { Segments } from '#dash/ui/segments.tsx'
import { EmptyState, Loaded, SkeletonRows } from '#dash/ui/states.tsx'
import { AsResult } from './as-result.tsx'
import { lookupHref } from './lookup-href.ts'
import { NameResult, PrefixResult } from './match-results.tsx'
import { TargetResult } from './target-result.tsx'

const EXAMPLES = ['8.8.8.8', 'AS13335', 'example.com', 'Hetzner']

/** Everything that is known of an address, a domain or a network. */
export function LookupPage() {
  const [search, setSearch] = useSearchParams()
  const q = search.get('q') ?? ''
  const mode: LookupMode = search.get('mode') === 'lite' ? 'lite' : 'full'
  const client = useQueryClient()
  const answer = useQuery(lookupQuery(q, mode))
  useEffect(() => {
    // What is left of the plan's credits has changed.
    if (answer.data) void client.invalidateQueries({ queryKey: ['usage'] })
  }, [answer.data, client])
  return (
    <Page
      title={q === '' ? 'Lookup' : `${q} · Lookup`}
      heading="Lookup"
      text="An address, a domain, the number of a network, or a part of its name."
    >
      <div className="stack" data-gap="large">
        <LookupForm
          key={q}
          q={q}
          mode={mode}
          onAsk={(next, how) =>
            setSearch({ ...(next !== '' && { q: next }), ...(how === 'lite' && { mode: how }) })
          }
        />
        {q === '' ? (
          <EmptyState
            icon={<Radar size={24} />}
            title="What do you want to know?"
            text={
              <>
                Try one of these, or <Link href={lookupHref('me', mode)}>your own address</Link>.
              </>
            }
          >
            {EXAMPLES.map((example) => (
              <Link key={example} className="tag lookup-example" href={lookupHref(example, mode)}>
                {example}
              </Link>
            ))}
          </EmptyState>
        ) : (
          <Loaded query={answer} skeleton={<Asking mode={mode} />}>
            {(data) => (
              <>
                <Result answer={data} mode={mode} />
                <Attribution />
              </>
            )}
          </Loaded>
        )}
      </div>
    </Page>
  )
}

interface LookupFormProps {
  readonly q: string
  readonly mode: LookupMode
  readonly onAsk: (q: string, mode: LookupMode) => void
}

function LookupForm({ q, mode, onAsk }: LookupFormProps) {
  const [text, setText] = useState(q)
  return (
    <Card>
      <Form
        label="Lookup"
        action={async () => {
          onAsk(text.trim(), mode)
          return Promise.resolve()
        }}
      >
        <div className="lookup-form">
          <TextField
            label="Address, domain, AS number or name"
            value={text}
            onChange={setText}
            isRequired
            autoFocus={q === ''}
            autoComplete="off"
            autoCorrect="off"
            spellCheck="false"
            placeholder="8.8.8.8, example.com, AS13335, Hetzner"
          />
          <Button type="submit" variant="primary" icon={<Search size={16} />}>
            Look up
          </Button>
        </div>
        <div className="lookup-mode">
          <Segments<LookupMode>
            label="How much"
            value={mode}
            onChange={(how) => onAsk(q, how)}
            segments={[
              { id: 'full', label: 'Full' },
              { id: 'lite', label: 'Lite' },
            ]}
          />
          <span className="small soft">
            {mode === 'full'
              ? 'Asks registries, DNS, blocklists and the server itself: up to five seconds.'
              : 'From data on this server alone: at once, and nobody is asked.'}
          </span>
        </div>
      </Form>
    </Card>
  )
}

function Asking({ mode }: { readonly mode: LookupMode }) {
  return (
    <Card>
      <div className="stack">
        {mode === 'full' && (
          <Progress
            label="Asking registries, DNS, blocklists and the server itself"
            value={undefined}
            valueText=""
          />
        )}
        <SkeletonRows />
      </div>
    </Card>
  )
}

function Result({ answer, mode }: { readonly answer: LookupAnswer; readonly mode: LookupMode }) {
  if (answer.kind === 'asn') return <AsResult answer={answer} mode={mode} />
  if (answer.kind === 'name') return <NameResult answer={answer} mode={mode} />
  if (answer.kind === 'prefix') return <PrefixResult answer={answer} mode={mode} />
  return <TargetResult answer={answer} mode={mode} />
}
