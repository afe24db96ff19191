import { useQuery } from '@tanstack/react-query'
import { type SharedFile, useLinkFile } from '#dash/api/files.ts'
import { instanceQuery } from '#dash/api/session.ts'
import { Button } from '#dash/ui/button.tsx'
import { copyText } from '#dash/ui/copy.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { toast } from '#dash/ui/toast.tsx'

export interface LinkFileDialogProps {
  readonly file: SharedFile
  readonly onClose: () => void
}

/** Makes a short link for a file, which is counted like any other. */
export function LinkFileDialog({ file, onClose }: LinkFileDialogProps) {
  const instance = useQuery(instanceQuery)
  const linkFile = useLinkFile()
  return (
    <Dialog title="Make a short link" size="small" isOpen onOpenChange={onClose}>
      <Form
        action={async ({ slug = '' }) => {
          const link = await linkFile(file.id, slug.trim())
          onClose()
          const isCopied = await copyText(link.short_url).then(
            () => true,
            () => false,
          )
          toast('Short link created', isCopied ? `${link.short_url} is copied.` : link.short_url)
        }}
      >
        <p className="soft">
          It leads to the download of {file.name}, is deleted with it, and its clicks are counted.
        </p>
        <TextField
          label="Ending"
          name="slug"
          autoFocus
          prefix={`${(instance.data?.base_url ?? '').replace(/^https?:\/\//, '')}/`}
          hint="Drawn at random when left empty."
        />
        <div className="dialog-foot">
          <Button onPress={onClose}>Cancel</Button>
          <SubmitButton>Create short link</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}
