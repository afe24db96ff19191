import { Check, Link2, QrCode, Settings2 } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { Link as RouterLink } from 'react-aria-components/Link'
import { hasCode } from '#dash/api/client.ts'
import { type Link, useLinkChanges } from '#dash/api/links.ts'
import { Button, LinkButton } from '#dash/ui/button.tsx'
import { CopyButton } from '#dash/ui/copy.tsx'
import { FormError } from '#dash/ui/form.tsx'
import { plainUrl } from './link-text.ts'

export interface QuickCreateProps {
  /** Something to begin with. */
  readonly initial?: string
  readonly isFocused?: boolean
  /** Opens the form with everything a link can have. */
  readonly onMore: (target: string) => void
}

/** A link from one field: paste, Enter, copy. */
export function QuickCreate({ initial = '', isFocused = false, onMore }: QuickCreateProps) {
  const [text, setText] = useState(initial)
  const [made, setMade] = useState<Link>()
  const [error, setError] = useState<unknown>()
  const [isPending, setPending] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const { create } = useLinkChanges()
  useEffect(() => {
    if (isFocused) field.current?.focus()
  }, [isFocused])
  useEffect(() => setText(initial), [initial])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() === '' || isPending) return
    setPending(true)
    setError(undefined)
    try {
      setMade(await create({ target: withScheme(text) }))
      setText('')
    } catch (problem) {
      setError(problem)
    } finally {
      setPending(false)
    }
  }
  return (
    <section className="quick-create" aria-label="New link">
      <form onSubmit={(event) => void submit(event)} className="quick-create-form">
        <div className="input-group">
          <Link2 size={18} aria-hidden="true" />
          <input
            ref={field}
            value={text}
            onChange={(event) => setText(event.target.value)}
            aria-label="URL to shorten"
            placeholder="Paste a URL to shorten"
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
          />
          <Button variant="quiet" size="small" icon={<Settings2 size={15} />} onPress={() => onMore(text)}>
            Options
          </Button>
        </div>
        <Button type="submit" variant="primary" size="large" isPending={isPending}>
          Shorten
        </Button>
      </form>
      {error !== undefined && (
        <div className="quick-create-answer">
          <FormError error={error} />
          {hasCode(error, 'limit-reached') && (
            <p className="small soft">
              See <RouterLink href="/app/plan">plan and usage</RouterLink>.
            </p>
          )}
        </div>
      )}
      {made !== undefined && error === undefined && (
        <div className="quick-create-answer quick-create-made" role="status">
          <span className="quick-create-tick" aria-hidden="true">
            <Check size={15} />
          </span>
          <span className="quick-create-text">
            <RouterLink href={`/app/links/${made.id}`} className="quick-create-link">
              {plainUrl(made.short_url)}
            </RouterLink>
            <span className="small soft clip">leads to {plainUrl(made.target ?? '')}</span>
          </span>
          <CopyButton text={made.short_url} what="short link" size="medium" />
          <LinkButton href={`/app/links/${made.id}?tab=qr`} size="small" icon={<QrCode size={15} />}>
            QR code
          </LinkButton>
        </div>
      )}
    </section>
  )
}

/** What somebody typed as a URL; `example.com` is one too. */
export function withScheme(text: string): string {
  const trimmed = text.trim()
  return /^[a-z][a-z\d+.-]*:/i.test(trimmed) && !/^[\w.-]+:\d/.test(trimmed) ? trimmed : `https://${trimmed}`
}
