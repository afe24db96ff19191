import { confirmDeletion } from '#dash/pages/links/confirm-deletion.ts'
import { useQuery } from '@tanstack/react-query'
import { Archive, CalendarClock, ExternalLink, Link2, MoreHorizontal, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useLocation, useParams, useSearchParams } from 'wouter'
import { hasCode } from '#dash/api/client.ts'
import { type Link, linkQuery, useLinkChanges } from '#dash/api/links.ts'
import { useCanWrite } from '#dash/api/session.ts'
import { NotFoundPage } from '#dash/shell/not-found.tsx'
import { Badge } from '#dash/ui/badge.tsx'
import { Button, IconButton, LinkButton } from '#dash/ui/button.tsx'
import { CopyButton } from '#dash/ui/copy.tsx'
import { Time } from '#dash/ui/format.tsx'
import { Menu, MenuItem, MenuSeparator } from '#dash/ui/menu.tsx'
import { Page } from '#dash/ui/page.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { Tabs } from '#dash/ui/tabs.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { EditLinkDialog } from '#dash/pages/links/edit-link.tsx'
import { KIND_NAMES, linkName, plainUrl, STATUS_NAMES } from '#dash/pages/links/link-text.ts'
import { QrDesigner } from './qr-designer.tsx'
import { Report } from './report.tsx'

/** One link: what becomes of it, its QR code, and what it is. */
export function LinkPage() {
  const { id } = useParams<{ readonly id: string }>()
  const link = useQuery(linkQuery(id))
  if (hasCode(link.error, 'link-not-found')) return <NotFoundPage />
  return <Loaded query={link}>{(found) => <KnownLinkPage link={found} />}</Loaded>
}

function KnownLinkPage({ link }: { readonly link: Link }) {
  const [search, setSearch] = useSearchParams()
  const [isEditing, setEditing] = useState(false)
  const canWrite = useCanWrite()
  const tab = search.get('tab') === 'qr' ? 'qr' : 'clicks'
  return (
    <Page
      title={linkName(link)}
      text={<LinkFacts link={link} />}
      actions={
        <>
          <LinkButton href={link.short_url} target="_blank" icon={<ExternalLink size={16} />}>
            Open
          </LinkButton>
          {canWrite && (
            <Button icon={<Pencil size={16} />} onPress={() => setEditing(true)}>
              Edit
            </Button>
          )}
          {canWrite && <More link={link} />}
        </>
      }
    >
      <Tabs
        label="Parts of this link"
        value={tab}
        onChange={(chosen) => setSearch(chosen === 'qr' ? { tab: 'qr' } : {})}
        tabs={[
          { id: 'clicks', label: 'Clicks', content: () => <Report link={link.id} /> },
          { id: 'qr', label: 'QR code', content: () => <QrDesigner link={link} /> },
        ]}
      />
      <EditLinkDialog id={isEditing ? link.id : undefined} onClose={() => setEditing(false)} />
    </Page>
  )
}

function LinkFacts({ link }: { readonly link: Link }) {
  const isExpired = link.expires_at !== null && new Date(link.expires_at) <= new Date()
  return (
    <span className="link-facts">
      <span className="link-fact">
        <a href={link.short_url} target="_blank" rel="noreferrer" className="mono">
          {plainUrl(link.short_url)}
        </a>
        <CopyButton text={link.short_url} what="short link" />
      </span>
      {link.target === null ? (
        <Badge tone="accent">{KIND_NAMES[link.kind]}</Badge>
      ) : (
        <span className="link-fact clip">
          <span aria-hidden="true">→</span>
          <span className="visually-hidden">leads to</span>
          <span className="clip">{plainUrl(link.target)}</span>
        </span>
      )}
      {link.status !== 'active' && <Badge tone="warn">{STATUS_NAMES[link.status]}</Badge>}
      {link.expires_at !== null && (
        <Badge tone={isExpired ? 'bad' : 'neutral'}>
          <CalendarClock size={12} aria-hidden="true" /> {isExpired ? 'Expired' : 'Expires'}{' '}
          <Time at={link.expires_at} />
        </Badge>
      )}
      {link.tags.map((tag) => (
        <span key={tag} className="tag">
          {tag}
        </span>
      ))}
    </span>
  )
}

function More({ link }: { readonly link: Link }) {
  const { update, remove } = useLinkChanges()
  const [, navigate] = useLocation()

  const setStatus = (status: Link['status'], said: string) => {
    update(link.id, { status }).then(
      () => toast(said),
      (error: unknown) => toastError('The link could not be changed', error),
    )
  }
  const askAndRemove = async () => {
    if (!(await confirmDeletion(link))) return
    try {
      navigate('/app/links')
      await remove(link.id)
      toast('Link deleted', plainUrl(link.short_url))
    } catch (error) {
      toastError('The link could not be deleted', error)
    }
  }
  return (
    <Menu
      label="More"
      button={<IconButton label="More" variant="secondary" icon={<MoreHorizontal size={18} />} />}
    >
      {link.status === 'active' ? (
        <>
          <MenuItem icon={<Archive size={16} />} onAction={() => setStatus('archived', 'Link archived')}>
            Archive
          </MenuItem>
          <MenuItem icon={<Link2 size={16} />} onAction={() => setStatus('inactive', 'Link switched off')}>
            Switch off
          </MenuItem>
        </>
      ) : (
        <MenuItem icon={<Link2 size={16} />} onAction={() => setStatus('active', 'Link is active')}>
          Make active
        </MenuItem>
      )}
      <MenuSeparator />
      <MenuItem icon={<Trash2 size={16} />} tone="danger" onAction={() => void askAndRemove()}>
        Delete
      </MenuItem>
    </Menu>
  )
}
