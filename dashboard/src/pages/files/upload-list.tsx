import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { dismissUpload, retryUpload, type Upload, useUploads } from '#dash/api/uploads.ts'
import { Button, IconButton } from '#dash/ui/button.tsx'
import { Copyable } from '#dash/ui/copy.tsx'
import { formatBytes } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { Progress } from '#dash/ui/progress.tsx'

/** How far files on their way have come, and the links of those that arrived. */
export function UploadList() {
  const uploads = useUploads()
  if (uploads.length === 0) return null
  return (
    <Card title="Uploads">
      <ul className="upload-list" aria-live="polite">
        {uploads.map((upload) => (
          <li key={upload.id}>
            <UploadRow upload={upload} />
            <IconButton
              size="small"
              label={upload.state === 'done' || upload.state === 'failed' ? 'Dismiss' : 'Cancel upload'}
              icon={<X size={15} />}
              onPress={() => dismissUpload(upload.id)}
            />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function UploadRow({ upload }: { readonly upload: Upload }) {
  const { id, name, state, sentBytes, sizeBytes, problem, file } = upload
  if (state === 'done' && file !== undefined)
    return (
      <div className="stack" data-gap="small">
        <span className="upload-name">
          <CircleCheck size={16} className="tone-good" aria-label="Uploaded" />
          <span className="clip">{name}</span>
        </span>
        <Copyable text={file.download_url} what="link" />
      </div>
    )
  if (state === 'failed')
    return (
      <div className="stack" data-gap="small">
        <span className="upload-name">
          <CircleAlert size={16} className="tone-bad" aria-label="Not uploaded" />
          <span className="clip">{name}</span>
        </span>
        <span className="small tone-bad">{problem}</span>
        <span>
          <Button size="small" onPress={() => retryUpload(id)}>
            Try again
          </Button>
        </span>
      </div>
    )
  return (
    <Progress
      label={name}
      value={sentBytes}
      max={Math.max(sizeBytes, 1)}
      valueText={state === 'waiting' ? 'Waiting' : `${formatBytes(sentBytes)} of ${formatBytes(sizeBytes)}`}
    />
  )
}
