import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import {
  Archive,
  Contact,
  Download,
  ExternalLink,
  FileText,
  FileUp,
  Link2,
  MoreHorizontal,
  Pencil,
  Plus,
  QrCode,
  SearchX,
  Trash2,
  Wifi,
} from 'lucide-react'
import { useState } from 'react'
import { Link as RouterLink } from 'react-aria-components/Link'
import { useLocation, useSearchParams } from 'wouter'
import {
  exportUrl,
  type Link,
  type LinkFilter,
  type LinkKind,
  linksQuery,
  type LinkStatus,
  tagsQuery,
  useLinkChanges,
} from '#dash/api/links.ts'
import { useCanWrite } from '#dash/api/session.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { Button, IconButton } from '#dash/ui/button.tsx'
import { CopyButton } from '#dash/ui/copy.tsx'
import { type Column, DataTable, type Selection, type Sort } from '#dash/ui/data-table.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { SearchField, Select } from '#dash/ui/fields.tsx'
import { formatCount, plural, Time } from '#dash/ui/format.tsx'
import { Menu, MenuItem, MenuSeparator } from '#dash/ui/menu.tsx'
import { Page } from '#dash/ui/page.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { useLater } from '#dash/ui/use-later.ts'
import { confirmDeletion } from './confirm-deletion.ts'
import { BulkBar } from './bulk-bar.tsx'
import { EditLinkDialog } from './edit-link.tsx'
import { ImportDialog } from './import-dialog.tsx'
import { LinkForm } from './link-form.tsx'
import { KIND_NAMES, linkName, plainUrl, STATUS_NAMES } from './link-text.ts'
import { QuickCreate } from './quick-create.tsx'

const KIND_ICONS = { url: Link2, wifi: Wifi, vcard: Contact, text: FileText } as const

/** The team's links. */
export function LinksPage() {
  const [search, setSearch] = useSearchParams()
  const canWrite = useCanWrite()
  const [edited, setEdited] = useState<string>()
  const [selection, setSelection] = useState<Selection>(new Set<string>())
  const [typed, setTyped] = useState(search.get('search') ?? '')
  const searched = useLater(typed.trim())

  const filter = filterOf(search, searched)
  const links = useInfiniteQuery(linksQuery(filter))
  const isFiltered = Object.entries(filter).some(([name, value]) => name !== 'sort' && value !== undefined)

  const set = (changes: Readonly<Record<string, string | undefined>>) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before)
        for (const [name, value] of Object.entries(changes))
          if (value === undefined) next.delete(name)
          else next.set(name, value)
        return next
      },
      { replace: true },
    )
  const clear = () => {
    setTyped('')
    set({ search: undefined, tag: undefined, status: undefined, kind: undefined })
  }
  const form = formOf(search)

  return (
    <Page
      title="Links"
      actions={
        <>
          <Menu label="More" button={<Button icon={<Download size={16} />}>Import, export</Button>}>
            <MenuItem icon={<FileUp size={16} />} onAction={() => set({ import: '' })} isDisabled={!canWrite}>
              Import from CSV
            </MenuItem>
            <MenuSeparator />
            <MenuItem icon={<Download size={16} />} href={exportUrl('csv', filter)}>
              Export as CSV
            </MenuItem>
            <MenuItem icon={<Download size={16} />} href={exportUrl('json', filter)}>
              Export as JSON
            </MenuItem>
          </Menu>
          {canWrite && (
            <Button icon={<Plus size={16} />} onPress={() => set({ 'new-page': '' })}>
              Typed link
            </Button>
          )}
        </>
      }
    >
      <div className="stack" data-gap="large">
        {canWrite && (
          <QuickCreate
            initial={search.get('new') ?? ''}
            isFocused={search.has('new')}
            onMore={(target) => set({ form: target, new: undefined })}
          />
        )}
        <div className="stack">
          <Toolbar filter={filter} typed={typed} onType={setTyped} onChange={set} />
          <Loaded query={links}>
            {({ pages }) => {
              const rows = pages.flatMap(({ data }) => data)
              const total = pages[0]?.total ?? rows.length
              return (
                <>
                  <DataTable
                    label="Links"
                    columns={columns({
                      canWrite,
                      onEdit: ({ id }) => setEdited(id),
                      onTag: (tag) => set({ tag }),
                    })}
                    rows={rows}
                    rowId={({ id }) => id}
                    rowHref={({ id }) => `/app/links/${id}`}
                    sort={sortOf(filter.sort)}
                    onSort={({ column, direction }) =>
                      set({ sort: `${direction === 'descending' ? '-' : ''}${column}` })
                    }
                    {...(canWrite && { selection, onSelect: setSelection })}
                    empty={
                      <Empty isFiltered={isFiltered} onClear={clear} onImport={() => set({ import: '' })} />
                    }
                    hasMore={links.hasNextPage}
                    isLoadingMore={links.isFetchingNextPage}
                    onLoadMore={() => void links.fetchNextPage()}
                    foot={
                      rows.length < total
                        ? `${formatCount(rows.length)} of ${plural(total, 'link')}`
                        : plural(total, 'link')
                    }
                  />
                  <BulkBar
                    links={selection === 'all' ? rows : rows.filter(({ id }) => selection.has(id))}
                    onDone={() => setSelection(new Set<string>())}
                  />
                </>
              )
            }}
          </Loaded>
        </div>
      </div>
      <Dialog
        title={form.kind === 'url' ? 'New link' : 'New typed link'}
        isKept
        isOpen={form.isOpen}
        onOpenChange={() => set({ form: undefined, 'new-page': undefined })}
      >
        {(close) => <LinkForm initialKind={form.kind} initialTarget={form.target} onDone={close} />}
      </Dialog>
      <EditLinkDialog id={edited} onClose={() => setEdited(undefined)} />
      <ImportDialog isOpen={search.has('import')} onClose={() => set({ import: undefined })} />
    </Page>
  )
}

interface ToolbarProps {
  readonly filter: LinkFilter
  readonly typed: string
  readonly onType: (text: string) => void
  readonly onChange: (changes: Readonly<Record<string, string | undefined>>) => void
}

function Toolbar({ filter, typed, onType, onChange }: ToolbarProps) {
  const tags = useQuery(tagsQuery)
  const known = tags.data?.data ?? []
  return (
    <div className="toolbar">
      <SearchField
        label="Search links"
        placeholder="Title, path or target"
        value={typed}
        onChange={(text) => {
          onType(text)
          onChange({ search: text.trim() === '' ? undefined : text.trim() })
        }}
      />
      <Select
        label="Status"
        isLabelHidden
        value={filter.status ?? 'any'}
        onChange={(status) => onChange({ status: status === 'any' ? undefined : status })}
        choices={[
          { id: 'any', label: 'Any status' },
          { id: 'active', label: STATUS_NAMES.active },
          { id: 'inactive', label: STATUS_NAMES.inactive },
          { id: 'archived', label: STATUS_NAMES.archived },
        ]}
      />
      <Select
        label="Kind"
        isLabelHidden
        value={filter.kind ?? 'any'}
        onChange={(kind) => onChange({ kind: kind === 'any' ? undefined : kind })}
        choices={[
          { id: 'any', label: 'Any kind' },
          { id: 'url', label: KIND_NAMES.url },
          { id: 'wifi', label: KIND_NAMES.wifi },
          { id: 'vcard', label: KIND_NAMES.vcard },
          { id: 'text', label: KIND_NAMES.text },
        ]}
      />
      {(known.length > 0 || filter.tag !== undefined) && (
        <Select
          label="Tag"
          isLabelHidden
          value={filter.tag === undefined ? 'any' : `tag:${filter.tag}`}
          onChange={(tag) => onChange({ tag: tag === 'any' ? undefined : tag.slice('tag:'.length) })}
          choices={[
            { id: 'any', label: 'Any tag' },
            ...known.map(({ tag, links }) => ({ id: `tag:${tag}`, label: `${tag} (${formatCount(links)})` })),
          ]}
        />
      )}
    </div>
  )
}

interface EmptyProps {
  readonly isFiltered: boolean
  readonly onClear: () => void
  readonly onImport: () => void
}

function Empty({ isFiltered, onClear, onImport }: EmptyProps) {
  return isFiltered ? (
    <EmptyState
      icon={<SearchX size={24} />}
      title="No link is like that"
      text="Look for something else, or see all of them again."
    >
      <Button onPress={onClear}>Show all links</Button>
    </EmptyState>
  ) : (
    <EmptyState
      icon={<Link2 size={24} />}
      title="No links yet"
      text="Paste a URL into the field above and press Enter: you get a short link to share, and every click on it shows up here."
    >
      <Button icon={<FileUp size={16} />} onPress={onImport}>
        Import from CSV
      </Button>
    </EmptyState>
  )
}

interface ColumnOptions {
  readonly canWrite: boolean
  readonly onEdit: (link: Link) => void
  readonly onTag: (tag: string) => void
}

function columns({ canWrite, onEdit, onTag }: ColumnOptions): readonly Column<Link>[] {
  return [
    { id: 'title', name: 'Link', isHeader: true, cell: (link) => <LinkCell link={link} /> },
    {
      id: 'tags',
      name: 'Tags',
      phone: 'hide',
      cell: ({ tags }) => (
        <span className="tag-list">
          {tags.slice(0, 2).map((tag) => (
            <button key={tag} type="button" className="tag tag-button" onClick={() => onTag(tag)}>
              {tag}
            </button>
          ))}
          {tags.length > 2 && (
            <span className="small faint" title={tags.slice(2).join(', ')}>
              +{tags.length - 2}
            </span>
          )}
        </span>
      ),
    },
    {
      id: 'clicks',
      name: 'Clicks',
      align: 'end',
      isNarrow: true,
      canSort: true,
      phone: 'inline',
      phoneLabel: 'Clicks',
      cell: ({ clicks }) => formatCount(clicks),
    },
    {
      id: 'created_at',
      name: 'Created',
      isNarrow: true,
      canSort: true,
      phone: 'inline',
      cell: ({ created_at }) => (
        <span className="soft small">
          <Time at={created_at} />
        </span>
      ),
    },
    {
      id: 'actions',
      name: 'Actions',
      isNameHidden: true,
      isNarrow: true,
      phone: 'corner',
      cell: (link) => <LinkActions link={link} canWrite={canWrite} onEdit={onEdit} />,
    },
  ]
}

function LinkCell({ link }: { readonly link: Link }) {
  const Icon = KIND_ICONS[link.kind]
  const isExpired = link.expires_at !== null && new Date(link.expires_at) <= new Date()
  return (
    <span className="link-cell">
      <span
        className="link-icon"
        data-off={link.status === 'active' && !isExpired ? undefined : ''}
        aria-hidden="true"
      >
        <Icon size={16} />
      </span>
      <span className="link-cell-text">
        <span className="link-cell-name">
          <RouterLink href={`/app/links/${link.id}`} className="clip">
            {linkName(link)}
          </RouterLink>
          {link.status !== 'active' && <Badge tone="warn">{STATUS_NAMES[link.status]}</Badge>}
          {isExpired && <Badge tone="bad">Expired</Badge>}
        </span>
        <span className="link-cell-short small">
          <span className="mono link-short">{plainUrl(link.short_url)}</span>
          {link.target !== null && <span className="faint clip link-target">{plainUrl(link.target)}</span>}
        </span>
      </span>
    </span>
  )
}

interface LinkActionsProps {
  readonly link: Link
  readonly canWrite: boolean
  readonly onEdit: (link: Link) => void
}

function LinkActions({ link, canWrite, onEdit }: LinkActionsProps) {
  const { update, remove } = useLinkChanges()
  const [, navigate] = useLocation()

  const setStatus = (status: LinkStatus, said: string) => {
    update(link.id, { status }).then(
      () => toast(said, plainUrl(link.short_url)),
      (error: unknown) => toastError('The link could not be changed', error),
    )
  }
  const askAndRemove = async () => {
    if (!(await confirmDeletion(link))) return
    try {
      await remove(link.id)
      toast('Link deleted', plainUrl(link.short_url))
    } catch (error) {
      toastError('The link could not be deleted', error)
    }
  }
  return (
    <span className="row-actions">
      <CopyButton text={link.short_url} what="short link" />
      <Menu
        label={`Actions on ${linkName(link)}`}
        button={<IconButton label="More" size="small" icon={<MoreHorizontal size={17} />} />}
      >
        <MenuItem icon={<ExternalLink size={16} />} href={link.short_url} target="_blank">
          Open
        </MenuItem>
        <MenuItem icon={<QrCode size={16} />} onAction={() => navigate(`/app/links/${link.id}?tab=qr`)}>
          QR code
        </MenuItem>
        {canWrite && (
          <>
            <MenuItem icon={<Pencil size={16} />} onAction={() => onEdit(link)}>
              Edit
            </MenuItem>
            {link.status === 'active' ? (
              <MenuItem icon={<Archive size={16} />} onAction={() => setStatus('archived', 'Link archived')}>
                Archive
              </MenuItem>
            ) : (
              <MenuItem icon={<Link2 size={16} />} onAction={() => setStatus('active', 'Link is active')}>
                Make active
              </MenuItem>
            )}
            <MenuSeparator />
            <MenuItem icon={<Trash2 size={16} />} tone="danger" onAction={() => void askAndRemove()}>
              Delete
            </MenuItem>
          </>
        )}
      </Menu>
    </span>
  )
}

function filterOf(search: URLSearchParams, text: string): LinkFilter {
  const status = (['active', 'inactive', 'archived'] as const).find((id) => id === search.get('status'))
  const kind = (['url', 'wifi', 'vcard', 'text'] as const).find((id) => id === search.get('kind'))
  const tag = search.get('tag')
  return {
    sort: search.get('sort') ?? '-created_at',
    ...(text !== '' && { search: text }),
    ...(tag !== null && { tag }),
    ...(status !== undefined && { status }),
    ...(kind !== undefined && { kind }),
  }
}

function sortOf(sort: string | undefined): Sort | undefined {
  if (sort === undefined) return undefined
  return { column: sort.replace(/^-/, ''), direction: sort.startsWith('-') ? 'descending' : 'ascending' }
}

/** Which form the address asks for. */
function formOf(search: URLSearchParams) {
  const isTyped = search.has('new-page')
  const kind: LinkKind = isTyped ? 'wifi' : 'url'
  return { isOpen: isTyped || search.has('form'), kind, target: search.get('form') ?? '' }
}
