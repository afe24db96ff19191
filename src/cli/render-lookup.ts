import type {
  AsBrief,
  AsGraph,
  AsRecord,
  ByIpVersion,
  IpRecord,
  Neighbour,
  Neighbours,
  NetworkSource,
  PrefixRecord,
  Privacy,
  RoutesPage,
  Sourced,
} from '#core/network/network.ts'

/** A line of an answer: its name, its value, and who says so. */
export type Line = readonly [label: string, value: string, source?: NetworkSource | undefined]

/** A group of lines under a heading. */
export interface Section {
  readonly title: string
  readonly lines: readonly Line[]
}

/** Everything that is shown of a system. */
export interface AsPage {
  readonly as: AsRecord
  readonly graph: ByIpVersion<AsGraph> | undefined
  readonly neighbours: ByIpVersion<Neighbours> | undefined
  readonly routes: RoutesPage | undefined
  /** How many neighbours of each kind are named. */
  readonly shown: number
}

const MAX_EVIDENCE = 8

/** An address as a network engineer wants to read it, and behind it what others say. */
export function renderIp(record: IpRecord, further: readonly Section[] = []): string {
  return page(record.ip, [...ipSections(record), ...further])
}

/** A domain's addresses, one after the other, and behind them what others say. */
export function renderDomain(
  domain: string,
  records: readonly IpRecord[],
  further: readonly Section[] = [],
): string {
  const names = records.map(({ ip }): Line => ['address', ip])
  return page(domain, [
    { title: '', lines: names },
    ...records.flatMap((record) =>
      ipSections(record).map(({ title, lines }) => ({ title: `${record.ip} ${title}`.trim(), lines })),
    ),
    ...further,
  ])
}

/** A prefix: who announces it, and what is announced inside. */
export function renderPrefix(record: PrefixRecord): string {
  const { special, network, moreSpecifics, moreSpecificsCount } = record
  const lines: Line[] = []
  if (special !== undefined) lines.push(['special', `${special.purpose} (${special.reference})`])
  if (network === undefined) lines.push(['announced', 'not, as far as is known'])
  else {
    lines.push([
      'announced',
      network.prefix === record.prefix ? 'yes' : `as part of ${network.prefix}`,
      network.source,
    ])
    for (const origin of network.origins) lines.push(['origin', describeAs(origin), network.source])
  }
  const parts = moreSpecifics.map((part): Line => [
    part.prefix,
    part.origins.map(describeAs).join(', '),
    part.source,
  ])
  const left = moreSpecificsCount - moreSpecifics.length
  return page(record.prefix, [
    { title: '', lines },
    { title: 'more specific', lines: left > 0 ? [...parts, ['…', `${left} more`]] : parts },
  ])
}

/** A system: who it is, what it announces, and whom it is connected to. */
export function renderAs({ as, graph, neighbours, routes, shown }: AsPage): string {
  const { registration, sources } = as
  const lines: Line[] = [
    ['name', as.name, sources.name],
    ['organisation', as.organization, sources.organization],
    ['country', as.country, sources.country],
    ['type', as.type === undefined ? '' : `${as.type.value} (by ${as.type.rule})`, as.type?.source],
    ['domain', as.domain?.value ?? '', as.domain?.source],
    ['registry', describeRegistration(registration), registration?.source],
    ['tags', as.tags.map(({ value }) => value).join(', '), as.tags[0]?.source],
  ]
  return page(`AS${as.asn}`, [
    { title: '', lines },
    { title: 'routes', lines: routeLines(as, routes) },
    ...graphSections(graph?.ipv4, neighbours?.ipv4, { version: 'IPv4', shown }),
    ...graphSections(graph?.ipv6, neighbours?.ipv6, { version: 'IPv6', shown }),
  ])
}

function ipSections(record: IpRecord): Section[] {
  const { special, embedded, network, allocation } = record
  const lines: Line[] = embedded.map(({ kind, ip }): Line => [kind, ip])
  if (special !== undefined)
    return [
      {
        title: '',
        lines: [...lines, ['special', `${special.purpose} (${special.prefix}, ${special.reference})`]],
      },
    ]
  if (network === undefined) lines.push(['announced', 'not, as far as is known'])
  else {
    lines.push(['prefix', network.prefix, network.source])
    lines.push(['range', `${network.first} – ${network.last}`, network.source])
    for (const origin of network.origins) lines.push(['origin', describeAs(origin), network.source])
  }
  if (allocation !== undefined)
    lines.push([
      'allocation',
      `${describeRegistration(allocation)}, ${allocation.value.first} – ${allocation.value.last}`,
      allocation.source,
    ])
  const places = record.places.map((place): Line => [
    place.source.title,
    [
      [place.city, place.region, place.country].filter(Boolean).join(', '),
      place.latitude === undefined || place.longitude === undefined
        ? ''
        : `${place.latitude.toFixed(4)} ${place.longitude.toFixed(4)}`,
      place.timeZone,
      place.asn === undefined ? '' : `AS${place.asn} ${place.organization}`.trimEnd(),
    ]
      .filter(Boolean)
      .join('  '),
    place.source,
  ])
  return [
    { title: '', lines },
    { title: 'place', lines: places },
    { title: 'privacy', lines: privacyLines(record.privacy) },
  ]
}

function privacyLines({ vpn, tor, hosting, cloudProvider, cloudService, evidence }: Privacy): Line[] {
  const cloud = cloudProvider === '' ? 'no' : cloudProvider && `${cloudProvider} ${cloudService}`.trim()
  return [
    ['VPN', yesNo(vpn)],
    ['Tor exit', yesNo(tor)],
    ['hosting', yesNo(hosting)],
    ['cloud', cloud ?? yesNo(undefined)],
    ...evidence
      .slice(0, MAX_EVIDENCE)
      .map(({ flag, matched, detail, source }): Line => [
        `  ${flag}`,
        [matched, detail].filter(Boolean).join('  '),
        source,
      ]),
  ]
}

function routeLines(as: AsRecord, routes: RoutesPage | undefined): Line[] {
  const counts = as.routes?.value
  if (counts === undefined || routes === undefined) return [['announced', 'no source is loaded']]
  const left = routes.total - routes.routes.length
  return [
    [
      'IPv4 prefixes',
      counts.ipv4 === undefined ? 'no source is loaded' : String(counts.ipv4),
      as.routes?.source,
    ],
    [
      'IPv6 prefixes',
      counts.ipv6 === undefined ? 'no source is loaded' : String(counts.ipv6),
      as.routes?.source,
    ],
    ...routes.routes.map((route): Line => ['', route]),
    ...(left > 0 ? [['', `… ${left} more`] as const] : []),
  ]
}

function graphSections(
  graph: AsGraph | undefined,
  neighbours: Neighbours | undefined,
  { version, shown }: { readonly version: string; readonly shown: number },
): Section[] {
  if (graph === undefined || neighbours === undefined) return []
  const { cone, source } = graph
  const list = (label: string, count: number, members: readonly Neighbour[]): Line[] => [
    [label, String(count), source],
    ...members.slice(0, shown).map((member): Line => ['', describeAs(member)]),
    ...(count > shown ? [['', `… ${count - shown} more`] as const] : []),
  ]
  return [
    {
      title: `${version} neighbours`,
      lines: [
        ...list('providers', graph.providers, neighbours.providers),
        ...list('customers', graph.customers, neighbours.customers),
        ...list('peers', graph.peers, neighbours.peers),
        ['customer cone', `${cone.size} systems${cone.isEstimate ? ' (estimate)' : ''}`, cone.source],
      ],
    },
  ]
}

function describeAs({ asn, name, organization, country }: AsBrief): string {
  const names = name !== '' && name !== organization ? `${name}  ${organization}` : organization
  return `AS${asn}`.padEnd(10) + [names, country].filter(Boolean).join(', ')
}

function describeRegistration(
  registration:
    | Sourced<{
        readonly rir: string
        readonly status: string
        readonly allocatedOn: string | undefined
        readonly country: string
      }>
    | undefined,
): string {
  if (registration === undefined) return ''
  const { rir, status, allocatedOn, country } = registration.value
  return [rir, status.toLowerCase(), allocatedOn, country].filter(Boolean).join(' ')
}

function yesNo(flag: boolean | undefined): string {
  if (flag === undefined) return 'unknown: no list is loaded'
  return flag ? 'yes' : 'no'
}

/** Sections with their values in one column, each with a number of its source, and the sources with dates at the end. */
function page(title: string, sections: readonly Section[]): string {
  const shown = sections
    .map(({ title: heading, lines }) => ({ heading, lines: lines.filter(([, value]) => value !== '') }))
    .filter(({ lines }) => lines.length > 0)
  const width = Math.max(0, ...shown.flatMap(({ lines }) => lines.map(([label]) => label.length)))
  const sources: NetworkSource[] = []
  const numberOf = (source: NetworkSource): number => {
    const known = sources.findIndex(({ name }) => name === source.name)
    return known < 0 ? sources.push(source) : known + 1
  }
  const body = shown.map(({ heading, lines }) =>
    [
      ...(heading === '' ? [] : [heading]),
      ...lines.map(([label, value, source]) =>
        `  ${label.padEnd(width)}  ${value}${source === undefined || source.name === '' ? '' : `  [${numberOf(source)}]`}`.trimEnd(),
      ),
    ].join('\n'),
  )
  const notes = sources.map(
    ({ title: name, date, license }, index) =>
      `  [${index + 1}] ${name}, ${date ?? 'of an unknown day'} (${license})`,
  )
  return [title, ...body, ...(notes.length === 0 ? [] : [['sources', ...notes].join('\n')])].join('\n\n')
}
