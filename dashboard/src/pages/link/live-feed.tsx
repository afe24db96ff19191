import { useQueryClient } from '@tanstack/react-query'
import { Bot, QrCode, Radio } from 'lucide-react'
import { useEffect, useState } from 'react'
import { type LiveClick, openLiveClicks } from '#dash/api/reports.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { countryName, Time } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { valueName } from './dimension-text.ts'

const SHOWN = 12
/** Reports are loaded anew at most this often while clicks come in. */
const REFRESH_MS = 8_000

/** Clicks as they happen, on a link or all of the team's. */
export function LiveFeed({ link }: { readonly link?: string }) {
  const { clicks, isConnected } = useLiveClicks(link)
  return (
    <Card
      title={
        <span className="live-title">
          Live
          <span className="live-dot" data-on={isConnected ? '' : undefined} />
        </span>
      }
      text={isConnected ? undefined : 'Connecting…'}
    >
      {clicks.length === 0 ? (
        <p className="faint live-empty">
          <Radio size={18} aria-hidden="true" /> Clicks appear here the moment they happen.
        </p>
      ) : (
        <ol className="live-list" aria-live="polite" aria-relevant="additions">
          {clicks.map((click) => (
            <LiveRow key={click.id} click={click} showsLink={link === undefined} />
          ))}
        </ol>
      )}
    </Card>
  )
}

function LiveRow({ click, showsLink }: { readonly click: LiveClick; readonly showsLink: boolean }) {
  const place = [click.city, click.country === '' ? '' : countryName(click.country)]
    .filter((part) => part)
    .join(', ')
  const facts = [click.device && valueName('device', click.device), click.browser, click.as].filter(
    (part) => part,
  )
  return (
    <li className="live-row">
      <span className="live-row-text">
        <span>
          {showsLink && <strong className="mono small">{click.link.slug} </strong>}
          {place || 'Unknown place'}
          {click.is_scan && (
            <Badge tone="accent">
              <QrCode size={12} aria-hidden="true" /> Scan
            </Badge>
          )}
          {click.is_bot && (
            <Badge tone="warn">
              <Bot size={12} aria-hidden="true" /> Bot
            </Badge>
          )}
        </span>
        <span className="small soft clip">{facts.join(' · ')}</span>
      </span>
      <span className="small faint">
        <Time at={click.at} />
      </span>
    </li>
  )
}

/** Follows clicks while the page is looked at; the stream comes back by itself where it broke off. */
function useLiveClicks(link: string | undefined) {
  const [clicks, setClicks] = useState<readonly LiveClick[]>([])
  const [isConnected, setConnected] = useState(false)
  const client = useQueryClient()
  useEffect(() => {
    let refreshing: ReturnType<typeof setTimeout> | undefined
    let source: EventSource | undefined
    const open = () => {
      source = openLiveClicks(link)
      source.addEventListener('open', () => setConnected(true))
      source.addEventListener('error', () => setConnected(false))
      source.addEventListener('click', (event) => {
        // An event of our own server's.
        const click = JSON.parse(event.data) as LiveClick
        setClicks((before) => [click, ...before.filter(({ id }) => id !== click.id)].slice(0, SHOWN))
        refreshing ??= setTimeout(() => {
          refreshing = undefined
          void client.invalidateQueries({ queryKey: ['reports'] })
        }, REFRESH_MS)
      })
    }
    const look = () => {
      if (document.hidden) {
        source?.close()
        source = undefined
        setConnected(false)
      } else if (source === undefined) open()
    }
    look()
    document.addEventListener('visibilitychange', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      clearTimeout(refreshing)
      source?.close()
    }
  }, [link, client])
  return { clicks, isConnected }
}
