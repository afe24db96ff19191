import { useInfiniteQuery } from '@tanstack/react-query'
import { FileUp, Link2, Lock, MoreHorizontal, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { type SharedFile, filesQuery, useDeleteFile } from '#dash/api/files.ts'
import { rowsOf } from '#dash/api/list.ts'
import { useCanWrite } from '#dash/api/session.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { IconButton } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { CopyButton } from '#dash/ui/copy.tsx'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { DropZone } from '#dash/ui/drop-zone.tsx'
import { formatBytes, formatCount, plural, Time } from '#dash/ui/format.tsx'
import { Menu, MenuItem } from '#dash/ui/menu.tsx'
import { Page } from '#dash/ui/page.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { FileIcon } from './file-icon.tsx'
import { LinkFileDialog } from './link-file-dialog.tsx'
import { UploadDialog } from './upload-dialog.tsx'
import { UploadList } from './upload-list.tsx'

/** The team's files: sent up here, shared by a link. */
export function FilesPage() {
  const files = useInfiniteQuery(filesQuery)
  const canWrite = useCanWrite()
  const [chosen, setChosen] = useState<readonly File[]>()
  const [linking, setLinking] = useState<SharedFile>()
  return (
    <Page title="Files" text="Send a file up and share its link: with a password, for as long as you say.">
      <div className="stack" data-gap="large">
        {canWrite && (
          <DropZone
            label="Drop files here"
            hint="Up to 500 MB each. They are sent with a password if you like."
            icon={<FileUp size={24} />}
            button="Choose files"
            isMultiple
            onFiles={setChosen}
          />
        )}
        <UploadList />
        <Loaded query={files}>
          {(data) => (
            <DataTable
              label="Files"
              columns={columns(setLinking)}
              rows={rowsOf(data)}
              rowId={({ id }) => id}
              hasMore={files.hasNextPage}
              isLoadingMore={files.isFetchingNextPage}
              onLoadMore={() => void files.fetchNextPage()}
              foot={plural(rowsOf(data).length, 'file')}
              empty={
                <EmptyState
                  icon={<FileUp size={24} />}
                  title="No files yet"
                  text={
                    canWrite
                      ? 'Drop one above. You get a link that anybody can download it with.'
                      : 'What members of this team upload is listed here.'
                  }
                />
              }
            />
          )}
        </Loaded>
      </div>
      {chosen !== undefined && <UploadDialog files={chosen} onClose={() => setChosen(undefined)} />}
      {linking !== undefined && <LinkFileDialog file={linking} onClose={() => setLinking(undefined)} />}
    </Page>
  )
}

function columns(onLink: (file: SharedFile) => void): readonly Column<SharedFile>[] {
  return [
    {
      id: 'name',
      name: 'Name',
      isHeader: true,
      cell: (file) => (
        <div className="with-icon">
          <FileIcon mediaType={file.media_type} />
          <div className="two-lines">
            <a href={file.download_url} className="clip">
              {file.name}
            </a>
            <span className="small soft">
              {formatBytes(file.size_bytes)}
              {file.has_password && (
                <Badge>
                  <Lock size={11} aria-hidden="true" />
                  Password
                </Badge>
              )}
            </span>
          </div>
        </div>
      ),
    },
    {
      id: 'downloads',
      name: 'Downloads',
      align: 'end',
      isNarrow: true,
      phone: 'inline',
      phoneLabel: 'Downloads',
      cell: ({ download_count: count }) => formatCount(count),
    },
    {
      id: 'uploaded',
      name: 'Uploaded',
      isNarrow: true,
      phone: 'inline',
      cell: ({ created_at: at }) => <Time at={at} />,
    },
    {
      id: 'expires',
      name: 'Expires',
      isNarrow: true,
      phone: 'inline',
      phoneLabel: 'Expires',
      cell: ({ expires_at: at }) => (at === null ? <span className="faint">never</span> : <Time at={at} />),
    },
    {
      id: 'actions',
      name: 'Actions',
      isNameHidden: true,
      isNarrow: true,
      align: 'end',
      phone: 'corner',
      cell: (file) => <FileActions file={file} onLink={onLink} />,
    },
  ]
}

interface FileActionsProps {
  readonly file: SharedFile
  readonly onLink: (file: SharedFile) => void
}

function FileActions({ file, onLink }: FileActionsProps) {
  const canWrite = useCanWrite()
  const deleteFile = useDeleteFile()
  async function remove(): Promise<void> {
    const isSure = await confirm({
      title: `Delete ${file.name}?`,
      text: 'Its link stops working at once, and the file cannot be brought back.',
      action: 'Delete file',
    })
    if (!isSure) return
    deleteFile.mutate(file.id, {
      onSuccess: () => toast('File deleted'),
      onError: (error) => toastError('The file could not be deleted', error),
    })
  }
  return (
    <span className="row-actions">
      <CopyButton text={file.link?.short_url ?? file.download_url} what="link" />
      {canWrite && (
        <Menu
          label={`Actions for ${file.name}`}
          button={<IconButton size="small" label="More" icon={<MoreHorizontal size={16} />} />}
        >
          {file.link ? (
            <MenuItem icon={<Link2 size={16} />} href={`/app/links/${file.link.slug}`}>
              Show short link
            </MenuItem>
          ) : (
            <MenuItem icon={<Link2 size={16} />} onAction={() => onLink(file)}>
              Make a short link
            </MenuItem>
          )}
          <MenuItem icon={<Trash2 size={16} />} tone="danger" onAction={() => void remove()}>
            Delete file
          </MenuItem>
        </Menu>
      )}
    </span>
  )
}
