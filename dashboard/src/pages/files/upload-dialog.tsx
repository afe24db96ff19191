import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { instanceQuery } from '#dash/api/session.ts'
import { startUploads } from '#dash/api/uploads.ts'
import { Button } from '#dash/ui/button.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { Select, TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { formatBytes, plural } from '#dash/ui/format.tsx'

const EXPIRIES = [
  { id: 'evergreen', label: 'Never' },
  { id: '1', label: 'After a day' },
  { id: '7', label: 'After a week' },
  { id: '30', label: 'After 30 days' },
  { id: '90', label: 'After 90 days' },
  { id: '365', label: 'After a year' },
]

export interface UploadDialogProps {
  readonly files: readonly File[]
  readonly onClose: () => void
}

/** Asks what else is to be known of files before they are sent. */
export function UploadDialog({ files, onClose }: UploadDialogProps) {
  const client = useQueryClient()
  const instance = useQuery(instanceQuery)
  const [expiry, setExpiry] = useState('evergreen')
  const [first] = files
  const size = formatBytes(files.reduce((sum, file) => sum + file.size, 0))
  return (
    <Dialog
      title={files.length === 1 ? 'Upload a file' : `Upload ${plural(files.length, 'file')}`}
      isOpen
      isKept
      onOpenChange={onClose}
    >
      <Form
        action={async ({ password = '', email = '' }) => {
          startUploads(files, { password, email: email.trim(), expiresInDays: expiry }, client)
          onClose()
          return Promise.resolve()
        }}
      >
        <p className="soft clip">
          {files.length === 1 ? `${first?.name} (${size})` : `${size} in all. What you set is set for each.`}
        </p>
        <Select label="Delete" choices={EXPIRIES} value={expiry} onChange={setExpiry} />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint="Whoever has the link is asked for it."
        />
        {instance.data?.mail === true && (
          <TextField
            label="Send the link to"
            name="email"
            type="email"
            placeholder="somebody@example.com"
            autoComplete="off"
          />
        )}
        <div className="dialog-foot">
          <Button onPress={onClose}>Cancel</Button>
          <SubmitButton autoFocus>Upload</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}
