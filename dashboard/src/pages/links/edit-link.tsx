import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { linkQuery, type VersionedLink } from '#dash/api/links.ts'
import { Dialog } from '#dash/ui/dialog.tsx'
import { Loaded, SkeletonRows } from '#dash/ui/states.tsx'
import { LinkForm } from './link-form.tsx'

export interface EditLinkDialogProps {
  /** Undefined: it is closed. */
  readonly id: string | undefined
  readonly onClose: () => void
}

/** Changes a link, unless somebody else does so while the form is open. */
export function EditLinkDialog({ id, onClose }: EditLinkDialogProps) {
  return (
    <Dialog title="Edit link" isKept isOpen={id !== undefined} onOpenChange={onClose}>
      {(close) => id !== undefined && <EditLink id={id} onDone={close} />}
    </Dialog>
  )
}

interface EditLinkProps {
  readonly id: string
  readonly onDone: () => void
}

function EditLink({ id, onDone }: EditLinkProps) {
  const link = useQuery(linkQuery(id))
  const reload = async () => (await link.refetch({ throwOnError: true })).data
  return (
    <Loaded query={link} skeleton={<SkeletonRows rows={6} />}>
      {(found) => <Filled link={found} onReload={reload} onDone={onDone} />}
    </Loaded>
  )
}

interface FilledProps {
  readonly link: VersionedLink
  readonly onReload: () => Promise<VersionedLink | undefined>
  readonly onDone: () => void
}

function Filled({ link, onReload, onDone }: FilledProps) {
  // What the form was filled from, whatever is loaded while it is open.
  const [filled, setFilled] = useState(link)
  const reload = async () => setFilled((await onReload()) ?? filled)
  return <LinkForm key={filled.version} link={filled} onReload={reload} onDone={onDone} />
}
