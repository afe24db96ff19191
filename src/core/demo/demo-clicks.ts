import { clickEnricher } from '#core/clicks/enrich-click.ts'
import type { EnrichedClick } from '#ports/click-store/click-store.ts'
import { drawAppAgent, drawDesktopAgent, drawMobileAgent, drawProgramAgent } from './demo-agents.ts'
import type { DemoAudience } from './demo-audience.ts'
import { DEMO_CHANNELS, type DemoChannel } from './demo-channels.ts'
import type { DemoCountry } from './demo-countries.ts'
import type { DemoLink } from './demo-links.ts'
import { type SeededRandom, seededRandom, weightedIndex } from './seeded-random.ts'

/** For so many days before today links of the demo are clicked. */
export const DEMO_DAYS = 90

/** A link of the demo that is in the database. */
export interface SeededLink {
  readonly id: number
  readonly teamId: number
  readonly publicId: string
  readonly slug: string
  readonly createdAt: Date
  readonly spec: DemoLink
}

export interface DemoClickOptions {
  readonly links: readonly SeededLink[]
  readonly audience: DemoAudience
  readonly seed: number
  readonly now: Date
  /** About so many there are in all. */
  readonly count: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Of clicks, those by programs. */
const PROGRAM_SHARE = 0.065
/** Of clicks by people, those by somebody who has clicked the link before on the day. */
const RETURN_SHARE = 0.27
/** How many of a day's people may come again. */
const MAX_REMEMBERED = 64
/** How much of today's interest there was when the days began. */
const FIRST_DAY_INTEREST = 0.55
/** What is left of a spike's interest on its first, second and following days. */
const SPIKE_DAYS = [1, 0.55, 0.18, 0.07]

interface Person {
  readonly ip: string
  readonly userAgent: string
  readonly acceptLanguage: string
  readonly visitor: string
}

/**
 * The demo's clicks, a day at a time, in the order of their times, ids ascending over all days: the same ones for the same
 * seed, day, links and audience. There is growth over the days, a rhythm of days and hours, a link that is suddenly
 * everywhere, and programs among the people. Nothing is later than now.
 */
export function* demoClicks(options: DemoClickOptions): Generator<readonly EnrichedClick[]> {
  const { links, audience, now, count } = options
  const random = seededRandom(options.seed)
  const enrich = clickEnricher({ placeOf: (ip) => audience.placeOf(ip) })
  const today = Math.floor(now.getTime() / DAY_MS)
  const expected = links.map(({ spec }) => interestByDay(spec, today, random))
  const total = expected.flat().reduce((sum, interest) => sum + interest, 0)
  const factor = total === 0 ? 0 : count / total

  let id = 0
  for (let daysAgo = DEMO_DAYS; daysAgo >= 0; daysAgo--) {
    const dayMs = (today - daysAgo) * DAY_MS
    const clicks = links.flatMap(({ id: linkId, teamId, spec, createdAt }, index) => {
      const wanted = (expected[index]?.[daysAgo] ?? 0) * factor
      // Whole clicks, and one more as often as the rest says.
      const clicked = Math.floor(wanted + random.fraction())
      const people: Person[] = []
      return Array.from({ length: clicked }, () => {
        const click = drawClick({ spec, random, audience, dayMs, daysAgo, people })
        const { isBot, values } = enrich({ ...click, linkId, teamId, isHead: false, isPrefetch: false })
        const { atMs, visitor, isScan } = click
        return { linkId, teamId, atMs, visitor, isBot, isScan, values }
      }).filter(({ atMs }) => atMs >= createdAt.getTime() && atMs <= now.getTime())
    })
    yield clicks
      .toSorted((a, b) => a.atMs - b.atMs || a.linkId - b.linkId)
      .map((click) => ({ id: id++, ...click }))
  }
}

/** How much a link is asked for, by how many days ago. */
function interestByDay(spec: DemoLink, today: number, random: SeededRandom): readonly number[] {
  const channel: DemoChannel = DEMO_CHANNELS[spec.channel]
  return Array.from({ length: DEMO_DAYS + 1 }, (_, daysAgo) => {
    const weather = 0.82 + 0.36 * random.fraction()
    const age = spec.createdDaysAgo - daysAgo
    const hasExpired = spec.expiresInDays !== undefined && daysAgo < -spec.expiresInDays
    if (age < 0 || hasExpired) return 0
    // 1970 began on a Thursday.
    const weekday = channel.weekdays[(today - daysAgo + 3) % 7] ?? 1
    const growth = FIRST_DAY_INTEREST + (1 - FIRST_DAY_INTEREST) * (1 - daysAgo / DEMO_DAYS)
    const freshness = spec.halfLifeDays === undefined ? 1 : 0.5 ** (age / spec.halfLifeDays) + 0.02
    return spec.weight * weekday * growth * freshness * weather * spikeOf(spec, daysAgo)
  })
}

/** How many times a link's clicks its spike makes them. */
function spikeOf({ spike }: DemoLink, daysAgo: number): number {
  const left = spike === undefined ? 0 : (SPIKE_DAYS[spike.daysAgo - daysAgo] ?? 0)
  return 1 + left * ((spike?.factor ?? 1) - 1)
}

interface Occasion {
  readonly spec: DemoLink
  readonly random: SeededRandom
  readonly audience: DemoAudience
  readonly dayMs: number
  readonly daysAgo: number
  /** Who clicked the link on the day; whoever comes is added. */
  readonly people: Person[]
}

function drawClick({ spec, random, audience, dayMs, daysAgo, people }: Occasion) {
  const channel: DemoChannel = DEMO_CHANNELS[spec.channel]
  if (random.fraction() < PROGRAM_SHARE) {
    const program = {
      ip: audience.programAddress(random),
      userAgent: drawProgramAgent(random),
      visitor: random.hex(16),
    }
    const atMs = dayMs + random.below(DAY_MS)
    return { ...program, atMs, isScan: false, acceptLanguage: '', referrer: '', query: '' }
  }
  const isScan = spec.qr !== undefined && random.fraction() < channel.scanShare
  const isSpike = random.fraction() < 1 - 1 / spikeOf(spec, daysAgo)
  const referrer = isScan
    ? ''
    : ((isSpike ? spec.spike?.referrer : undefined) ?? drawReferrer(channel, random))
  const country = audience.country(random)
  const atMs = dayMs + drawTimeMs(channel, country, random)
  const isTagged = !isScan && spec.campaign !== undefined && random.fraction() < channel.taggedShare
  const { source, medium } = channel.utm
  const query = isTagged
    ? new URLSearchParams({ utm_source: source, utm_medium: medium, utm_campaign: spec.campaign }).toString()
    : ''
  const person =
    !isScan && people.length > 0 && random.fraction() < RETURN_SHARE
      ? random.pick(people)
      : drawPerson({ channel, country, referrer, isScan, random, audience })
  if (people.length < MAX_REMEMBERED) people.push(person)
  return { ...person, atMs, isScan, referrer, query }
}

interface Arrival extends Pick<Occasion, 'random' | 'audience'> {
  readonly channel: DemoChannel
  readonly country: DemoCountry
  readonly referrer: string
  readonly isScan: boolean
}

function drawPerson({ channel, country, referrer, isScan, random, audience }: Arrival): Person {
  const isDesktop = !isScan && random.fraction() < country.desktopShare / channel.mobileFactor
  const isApp = /instagram|facebook/.test(referrer) && !isDesktop
  const draw = isDesktop ? drawDesktopAgent : isApp ? drawAppAgent : drawMobileAgent
  return {
    ip: audience.address(random, country),
    userAgent: draw(random),
    acceptLanguage: country.acceptLanguage,
    visitor: random.hex(16),
  }
}

const REFERRERS = drawers((channel) => channel.referrers.map(([share]) => share))
const HOURS = drawers((channel) => channel.hours)

function drawReferrer(channel: DemoChannel, random: SeededRandom): string {
  return channel.referrers[REFERRERS.get(channel)?.(random) ?? 0]?.[1] ?? ''
}

/** A time of the day (UTC), by the hours that people keep in the country. */
function drawTimeMs(channel: DemoChannel, { utcOffsetHours }: DemoCountry, random: SeededRandom): number {
  const hour = HOURS.get(channel)?.(random) ?? 0
  const utcHour = (hour - utcOffsetHours + 24) % 24
  return (utcHour * HOUR_MS + random.below(HOUR_MS)) % DAY_MS
}

function drawers(
  weightsOf: (channel: DemoChannel) => readonly number[],
): ReadonlyMap<DemoChannel, (random: SeededRandom) => number> {
  const channels: readonly DemoChannel[] = Object.values(DEMO_CHANNELS)
  return new Map(channels.map((channel) => [channel, weightedIndex(weightsOf(channel))]))
}
