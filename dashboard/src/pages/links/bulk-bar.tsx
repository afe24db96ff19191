import { Archive, Link2, Tag, Trash2, X } from 'lucide-react'
import { useState } from 'react'
import { type BulkRow, type Link, runBulk, useLinkChanges } from '#dash/api/links.ts'
import { Button, IconButton } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { plural } from '#dash/ui/format.tsx'
import { TagField } from '#dash/ui/tag-field.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'

export interface BulkBarProps {
  /** Those that are ticked. */
  readonly links: readonly Link[]
  readonly onDone: () => void
}

/** What can be done with several links at once. */
export function BulkBar({ links, onDone }: BulkBarProps) {
  const [isPending, setPending] = useState(false)
  const [isTagging, setTagging] = useState(false)
  const [tags, setTags] = useState<readonly string[]>([])
  const { refresh } = useLinkChanges()
  if (links.length === 0) return null

  const run = async (rows: readonly BulkRow[], done: string) => {
    setPending(true)
    try {
      const results = await runBulk(rows)
      const refused = results.filter(({ error }) => error !== undefined)
      if (refused.length < results.length) toast(`${plural(results.length - refused.length, 'link')} ${done}`)
      if (refused.length > 0)
        toastError(`${plural(refused.length, 'link')} could not be`, new Error(refused[0]?.error?.detail))
      onDone()
    } catch (error) {
      toastError('That did not work', error)
    } finally {
      setPending(false)
      await refresh()
    }
  }
  const setStatus = (status: 'active' | 'archived', done: string) =>
    void run(
      links.map(({ id }) => ({ op: 'update', id, status })),
      done,
    )
  const remove = async () => {
    const isSure = await confirm({
      title: `Delete ${plural(links.length, 'link')}?`,
      text: 'They stop working at once and their clicks are erased. This cannot be undone.',
      action: `Delete ${plural(links.length, 'link')}`,
    })
    if (isSure)
      await run(
        links.map(({ id }) => ({ op: 'delete', id })),
        'deleted',
      )
  }
  return (
    <div className="bulk-bar" role="region" aria-label="Selected links">
      <strong className="number">{links.length} selected</strong>
      <Button size="small" icon={<Tag size={15} />} isDisabled={isPending} onPress={() => setTagging(true)}>
        Add tags
      </Button>
      <Button
        size="small"
        icon={<Link2 size={15} />}
        isDisabled={isPending}
        onPress={() => setStatus('active', 'made active')}
      >
        Make active
      </Button>
      <Button
        size="small"
        icon={<Archive size={15} />}
        isDisabled={isPending}
        onPress={() => setStatus('archived', 'archived')}
      >
        Archive
      </Button>
      <Button
        size="small"
        variant="danger-quiet"
        icon={<Trash2 size={15} />}
        isPending={isPending}
        onPress={() => void remove()}
      >
        Delete
      </Button>
      <IconButton size="small" label="Select none" icon={<X size={16} />} onPress={onDone} />
      <Dialog title="Add tags" size="small" isOpen={isTagging} onOpenChange={setTagging}>
        {(close) => (
          <div className="stack">
            <TagField
              label="Tags"
              value={tags}
              onChange={setTags}
              hint={`Added to ${plural(links.length, 'link')}.`}
            />
            <div className="dialog-foot">
              <Button onPress={close}>Cancel</Button>
              <Button
                variant="primary"
                isDisabled={tags.length === 0}
                onPress={() => {
                  close()
                  setTags([])
                  void run(
                    links.map((link) => ({
                      op: 'update',
                      id: link.id,
                      tags: [...new Set([...link.tags, ...tags])],
                    })),
                    'tagged',
                  )
                }}
              >
                Add tags
              </Button>
            </div>
          </div>
        )}
      </Dialog>
    </div>
  )
}
