import type { DimensionValues, EnrichedClick } from '#ports/click-store/click-store.ts'

/** How a set of clicks is made. */
export interface ClickSetOptions {
  readonly clicks: number
  readonly links: number
  /** The share of all clicks that link 1 has; the others share the rest as Zipf has it. */
  readonly hot: number
  readonly days: number
}

/** Clicks in the order of time, the same ones every time. */
export interface ClickSet {
  readonly startMs: number
  readonly endMs: number
  /** The next click; its id is its number. */
  next(): EnrichedClick
  teamOf(linkId: number): number
}

const DAY_MS = 86_400_000
const END_MS = Date.UTC(2026, 10, 21)
/** A quarter of the links are this team's, so that it has about a quarter of the clicks that are not the hot link's. */
export const BIG_TEAM = 2
const BIG_TEAM_EVERY = 4
const SMALL_TEAMS = 5_000
/** Of a link's clicks of a day, about so many visitors for each. */
const VISITORS_PER_CLICK = 0.7
const DRAWS = 2 ** 16

const COUNTRIES = 200
const REGIONS = 3_000
const CITIES = 20_000
const AGENTS = 300
const REFERRERS = 5_000
const LANGUAGES = 60
const NETWORKS = 20_000
const CAMPAIGNS = 2_000

interface Place {
  readonly country: string
  readonly region: string
  readonly city: string
  readonly continent: string
}

/** Prepare a set; each of its clicks takes about a microsecond to make. */
export function clickSet(options: ClickSetOptions): ClickSet {
  const { clicks, links, hot, days } = options
  const startMs = END_MS - days * DAY_MS
  const random = generator(20_261_121)
  const link = zipf(links - 1, 2 ** 20)
  const harmonic = Array.from({ length: links - 1 }, (_, index) => 1 / (index + 1)).reduce((a, b) => a + b, 0)

  const places = Array.from({ length: CITIES }, (_, n): Place => {
    const country = (n * 7) % COUNTRIES
    return {
      country: letters(country, 2),
      region: `Region ${(n * 13) % REGIONS}`,
      city: `City ${n}`,
      continent: ['AF', 'AS', 'EU', 'NA', 'OC', 'SA'][country % 6] ?? '',
    }
  })
  const agents = Array.from({ length: AGENTS }, (_, n) => ({
    browser: `Browser ${n % 30}`,
    operating_system: `System ${n % 15}`,
    device:
      ['mobile', 'desktop', 'tablet', 'bot'][n % 10 < 5 ? 0 : n % 10 < 8 ? 1 : n % 10 === 8 ? 2 : 3] ?? '',
  }))
  const networks = Array.from({ length: NETWORKS }, (_, n) => ({
    as: `AS${1000 + n} Network ${n} Ltd.`,
    network: n % 25 === 0 ? 'hosting' : n % 97 === 0 ? 'vpn' : n % 499 === 0 ? 'tor' : '',
  }))
  const referrers = ['', ...Array.from({ length: REFERRERS }, (_, n) => `site-${n}.example`)]
  const languages = Array.from({ length: LANGUAGES }, (_, n) => letters(n * 11, 2).toLowerCase())
  const campaigns = Array.from({ length: CAMPAIGNS }, (_, n) => ({
    utm_source: `source-${n % 50}`,
    utm_medium: `medium-${n % 10}`,
    utm_campaign: `campaign-${n}`,
  }))
  const noCampaign = { utm_source: '', utm_medium: '', utm_campaign: '' }
  const [city, agent, network] = [zipf(CITIES), zipf(AGENTS), zipf(NETWORKS)]
  const [referrer, language, campaign] = [zipf(REFERRERS + 1), zipf(LANGUAGES), zipf(CAMPAIGNS)]
  const draw = (table: Uint32Array) => table[random(table.length)] ?? 0
  const teamOf = (linkId: number) => teamOfLink(linkId)

  let id = 0
  return {
    startMs,
    endMs: END_MS,
    teamOf,
    next() {
      const rank = random(1_000_000) < hot * 1_000_000 ? 0 : draw(link) + 1
      const atMs = Math.floor(startMs + ((END_MS - startMs) * id) / clicks)
      const share = rank === 0 ? hot : (1 - hot) / (rank * harmonic)
      const visitors = Math.max(1, Math.round((clicks / days) * share * VISITORS_PER_CLICK))
      const place = places[draw(city)]
      const browser = agents[draw(agent)]
      const as = networks[draw(network)]
      const isTagged = random(5) < 2
      const values = {
        ...place,
        ...browser,
        ...as,
        ...(isTagged ? campaigns[draw(campaign)] : noCampaign),
        referrer: referrers[draw(referrer)] ?? '',
        language: languages[draw(language)] ?? '',
      } as DimensionValues
      return {
        id: id++,
        linkId: rank + 1,
        teamId: teamOf(rank + 1),
        atMs,
        visitor: visitorHash(Math.floor(atMs / DAY_MS), rank, random(visitors)),
        isBot: values.device === 'bot',
        isScan: random(20) === 0,
        values,
      }
    },
  }
}

function teamOfLink(linkId: number): number {
  if (linkId === 1) return 1
  return linkId % BIG_TEAM_EVERY === 0 ? BIG_TEAM : BIG_TEAM + 1 + (linkId % SMALL_TEAMS)
}

/** Whole numbers below `size`, as often as Zipf has it, one for each place of the table. */
function zipf(size: number, draws = DRAWS): Uint32Array {
  const table = new Uint32Array(draws)
  const weights = Array.from({ length: size }, (_, index) => 1 / (index + 1))
  const total = weights.reduce((a, b) => a + b, 0)
  const random = generator(size)
  // A random number of the table's own makes the rare ones be there too.
  const ends = new Float64Array(size)
  let sum = 0
  for (const [index, weight] of weights.entries()) {
    sum += weight / total
    ends[index] = sum
  }
  for (let place = 0; place < draws; place++) {
    const at = (place + random(1000) / 1000) / draws
    let [low, high] = [0, size - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ends[middle] ?? 1) < at) low = middle + 1
      else high = middle
    }
    table[place] = low
  }
  return table
}

function visitorHash(day: number, link: number, visitor: number): string {
  const high = mixed(Math.imul(day, 0x9e37_79b1) ^ mixed(link * 2 + 1) ^ visitor)
  const low = mixed(high ^ Math.imul(visitor + 1, 0x85eb_ca6b))
  return hex(high) + hex(low)
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}

function mixed(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return hash ^ (hash >>> 16)
}

function letters(number: number, count: number): string {
  let rest = number
  let text = ''
  for (let done = 0; done < count; done++) {
    text += String.fromCharCode(65 + (rest % 26))
    rest = Math.floor(rest / 26)
  }
  return text
}

/** Whole numbers below a bound that only look random (xorshift32). */
export function generator(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}
