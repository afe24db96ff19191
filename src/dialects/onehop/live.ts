import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type ClickFeed, followClicks, type FollowedClick } from '#core/clicks/live-clicks.ts'
import { parseLinkName } from '#core/links/manage-links.ts'
import { requireMember } from '#core/permissions.ts'
import { StreamSlots } from '#http/stream-slots.ts'
import { streamText } from '#http/stream-text.ts'
import { endpoint } from './endpoint.ts'
import { LiveClick } from './wire/reports.ts'

/** Streams of one team at a time. */
const MAX_OF_TEAM = 10
/** How often clicks are looked for. */
const POLL_MS = 250
/** Between two signs of life, where there are no clicks. */
const HEARTBEAT_MS = 15_000
/** After so long the client connects anew, and is asked for its credential again. */
const MAX_STREAM_MS = 15 * 60 * 1000
/** How long a client that was cut off waits before it connects again. */
const RETRY_MS = 2_000

/** @param closing aborted when the server stops: a stream would hold it up */
export function liveEndpoints(closing: AbortSignal) {
  const slots = new StreamSlots(MAX_OF_TEAM)
  return [
    endpoint({
      method: 'GET',
      path: '/live',
      summary: 'Clicks as they come, as server-sent events',
      description: `Events are called \`click\`, and their data is as shown. A comment comes every 15 seconds. With \`Last-Event-ID\` a stream goes on where another broke off, as far as clicks are kept: about a thousand, and for ten minutes when nobody follows them. A team has at most ${MAX_OF_TEAM} streams.`,
      tag: 'Reports',
      access: 'analytics:read',
      query: {
        link: z
          .string()
          .optional()
          .meta({ description: 'The id or slug of a link; absent: all of the team.' }),
      },
      headers: { 'Last-Event-ID': 'The id of the last event that was seen.' },
      mediaTypes: { 'text/event-stream': LiveClick },
      problems: ['link-not-found', 'too-many-streams'],
      handle: async ({ ctx, query, request, reportBug }) => {
        const link = query.link === undefined ? undefined : await parseLinkName(ctx, query.link)
        const { teamId } = requireMember(ctx.actor)
        slots.requireFree(teamId)
        const after = parseEventId(request.headers.get('last-event-id'))
        const feed = await followClicks(ctx, { link, after })
        const gone = new AbortController()
        const signal = AbortSignal.any([gone.signal, request.signal, closing])
        const body = streamText(slots.hold(teamId, eventsOf(feed, signal)), {
          onCancel: () => gone.abort(),
          onError: reportBug,
        })
        return new Response(body, {
          headers: {
            'content-type': 'text/event-stream',
            'cache-control': 'no-store',
            // Asks a proxy not to hold events back.
            'x-accel-buffering': 'no',
          },
        })
      },
    }),
  ]
}

async function* eventsOf(feed: ClickFeed, signal: AbortSignal): AsyncGenerator<string, void> {
  const endMs = performance.now() + MAX_STREAM_MS
  let renewedMs = performance.now()
  let saidMs = renewedMs
  // Something leaves at once, so that the client knows that it is heard.
  yield `retry: ${RETRY_MS}\n: following\n\n`
  while (!signal.aborted && performance.now() < endMs) {
    const clicks = await feed.next()
    const nowMs = performance.now()
    if (nowMs - renewedMs >= HEARTBEAT_MS) {
      await feed.renew()
      renewedMs = nowMs
    }
    if (clicks.length > 0) yield clicks.map(eventOf).join('')
    else if (nowMs - saidMs >= HEARTBEAT_MS) yield ': still here\n\n'
    else {
      await waitFor(POLL_MS, signal)
      continue
    }
    saidMs = nowMs
  }
}

/** @returns after so long, or as soon as the signal is aborted */
async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal, ref: false })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function eventOf({ click, link }: FollowedClick): string {
  const { values } = click
  const data: LiveClick = {
    id: String(click.id),
    at: new Date(click.atMs).toISOString(),
    link: { id: link.publicId, slug: link.slug },
    country: values.country,
    city: values.city,
    device: values.device,
    browser: values.browser,
    operating_system: values.operating_system,
    referrer: values.referrer,
    as: values.as,
    network: values.network,
    is_bot: click.isBot,
    is_scan: click.isScan,
  }
  return `event: click\nid: ${data.id}\ndata: ${JSON.stringify(data)}\n\n`
}

/** What is no id of ours names no place: the stream then begins now. */
function parseEventId(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
