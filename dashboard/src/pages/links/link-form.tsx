import { useQuery } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { hasCode } from '#dash/api/client.ts'
import {
  type LinkFields,
  type LinkKind,
  tagsQuery,
  useLinkChanges,
  type VersionedLink,
} from '#dash/api/links.ts'
import { TextField } from '#dash/ui/fields.tsx'
import { Form, type FormValues, SubmitButton } from '#dash/ui/form.tsx'
import { Button } from '#dash/ui/button.tsx'
import { Segments } from '#dash/ui/segments.tsx'
import { TagField } from '#dash/ui/tag-field.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { fromLocalField, KIND_NAMES, toLocalField } from './link-text.ts'
import { PayloadFields, payloadOf } from './payload-fields.tsx'
import { withScheme } from './quick-create.tsx'
import { SlugField } from './slug-field.tsx'

export interface LinkFormProps {
  /** The link to change; a new one where there is none. */
  readonly link?: VersionedLink
  /** Fill the form anew from the link as it is now. */
  readonly onReload?: () => Promise<void>
  readonly initialKind?: LinkKind
  readonly initialTarget?: string
  readonly onDone: () => void
}

const KINDS: readonly LinkKind[] = ['url', 'wifi', 'vcard', 'text']

/** Everything a link can have. */
export function LinkForm(props: LinkFormProps) {
  const { link, onReload, initialKind = 'url', initialTarget = '', onDone } = props
  const [kind, setKind] = useState<LinkKind>(link?.kind ?? initialKind)
  const [tags, setTags] = useState<readonly string[]>(link?.tags ?? [])
  const [isOutdated, setOutdated] = useState(false)
  const known = useQuery(tagsQuery)
  const { create, update } = useLinkChanges()
  const [, navigate] = useLocation()

  const save = async (values: FormValues) => {
    const fields = fieldsOf(values, kind, tags)
    if (link === undefined) {
      const slug = (values['slug'] ?? '').trim()
      const made = await create({ ...fields, ...(kind !== 'url' && { kind }), ...(slug !== '' && { slug }) })
      toast('Link created', made.short_url)
      onDone()
      navigate(`/app/links/${made.id}`)
    } else {
      try {
        await update(link.id, fields, link.version)
      } catch (error) {
        if (!hasCode(error, 'precondition-failed')) throw error
        setOutdated(true)
        return
      }
      toast('Link saved')
      onDone()
    }
  }
  return (
    <Form action={save} label={link === undefined ? 'New link' : 'Edit link'}>
      {link === undefined && (
        <Segments
          label="What the link is"
          value={kind}
          onChange={setKind}
          segments={KINDS.map((id) => ({ id, label: KIND_NAMES[id] }))}
        />
      )}
      {kind === 'url' ? (
        <TextField
          label="Leads to"
          name="target"
          isRequired
          autoFocus
          defaultValue={link?.target ?? initialTarget}
          placeholder="https://example.com/a/long/address"
          inputMode="url"
          autoComplete="off"
        />
      ) : (
        <PayloadFields kind={kind} payload={link?.payload ?? {}} />
      )}
      {link === undefined && <SlugField />}
      <TextField
        label="Title"
        name="title"
        defaultValue={link?.title ?? ''}
        {...(kind === 'url' && { placeholder: link?.page_title ?? 'the page’s own' })}
      />
      <TagField
        label="Tags"
        value={tags}
        onChange={setTags}
        suggestions={known.data?.data.map(({ tag }) => tag) ?? []}
      />
      <div className="form-columns">
        <TextField
          label="Expires"
          name="expires_at"
          type="datetime-local"
          defaultValue={toLocalField(link?.expires_at ?? null)}
        />
      </div>
      <TextField
        label="Note"
        name="description"
        isMultiline
        rows={2}
        defaultValue={link?.description ?? ''}
        hint="For your team; visitors do not see it."
      />
      {isOutdated && onReload !== undefined && <Outdated onReload={onReload} />}
      <div className="dialog-foot">
        <Button onPress={onDone}>Cancel</Button>
        <SubmitButton>{link === undefined ? 'Create link' : 'Save link'}</SubmitButton>
      </div>
    </Form>
  )
}

function Outdated({ onReload }: { readonly onReload: () => Promise<void> }) {
  const [isLoading, setLoading] = useState(false)
  async function load(): Promise<void> {
    setLoading(true)
    try {
      await onReload()
      toast('This is the link as it is now')
    } catch (error) {
      setLoading(false)
      toastError('The link could not be loaded', error)
    }
  }
  return (
    <div className="notice" data-tone="warn" role="alert">
      <TriangleAlert size={16} aria-hidden="true" />
      <div className="stack" data-gap="small">
        <span>
          <strong>Somebody else changed this link meanwhile.</strong> Nothing of yours is saved. The newer one
          takes the place of what stands here.
        </span>
        <span>
          <Button size="small" isPending={isLoading} onPress={() => void load()}>
            Load the newer one
          </Button>
        </span>
      </div>
    </div>
  )
}

function fieldsOf(values: FormValues, kind: LinkKind, tags: readonly string[]): LinkFields {
  const text = (name: string) => (values[name] ?? '').trim() || null
  return {
    ...(kind === 'url'
      ? { target: withScheme(values['target'] ?? '') }
      : { payload: payloadOf(kind, values) }),
    title: text('title'),
    description: text('description'),
    tags,
    expires_at: fromLocalField(values['expires_at'] ?? ''),
  }
}
