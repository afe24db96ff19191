import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { instanceQuery } from '#dash/api/session.ts'
import { slugQuery } from '#dash/api/links.ts'
import { TextField } from '#dash/ui/fields.tsx'
import { useLater } from '#dash/ui/use-later.ts'
import { plainUrl } from './link-text.ts'

const REASONS = {
  invalid: 'Letters, digits, hyphens and underscores, at most 64.',
  reserved: 'The server needs this one itself.',
  taken: 'This one is taken.',
} as const

/** The path of a short link, which says at once whether it can be had. */
export function SlugField({ label = 'Short path' }: { readonly label?: string }) {
  const [slug, setSlug] = useState('')
  const asked = useLater(slug.trim())
  const state = useQuery(slugQuery(asked))
  const instance = useQuery(instanceQuery)
  const isKnown = asked !== '' && asked === slug.trim() && state.data !== undefined
  const reason = isKnown && !state.data.available ? (state.data.reason ?? 'taken') : undefined
  return (
    <TextField
      label={label}
      name="slug"
      value={slug}
      onChange={setSlug}
      autoComplete="off"
      {...(instance.data && { prefix: `${plainUrl(instance.data.base_url)}/` })}
      placeholder="drawn for you"
      hint={
        <span aria-live="polite" className={reason === undefined ? undefined : 'slug-refused'}>
          {reason !== undefined
            ? REASONS[reason]
            : isKnown
              ? 'Free.'
              : 'Cannot be changed later; it may be printed by then.'}
        </span>
      }
    />
  )
}
