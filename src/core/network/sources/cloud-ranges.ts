import { cidrAt, cidrOf, cleanText, countryOf, dayOf, rawTextAt } from './fields.ts'
import { splitCsv } from './csv.ts'
import { lineParser } from './line-parser.ts'
import { type DayNumber, type EmitRow, type FileSummary, type OpenParser, SourceFormatError } from './rows.ts'

/** A prefix, and what a provider says of it. */
interface CloudPrefix {
  readonly cidr: unknown
  readonly service?: unknown
  readonly region?: unknown
  readonly country?: unknown
}

const HASH = 35
const BRACE = 123
const BRACKET = 91
const MAX_JSON_BYTES = 64 * 1024 * 1024
const ROWS_FOR_A_BAD_ONE = 100

/**
 * Read the addresses of a cloud in whatever form they are published: the JSON of AWS, Google, Azure, Oracle, Fastly,
 * GitHub or Vultr, a geofeed (RFC 8805: prefix, country, region, city, postal code), or plain prefixes, one a line.
 */
export function cloudRangesParser(provider: string): OpenParser {
  return (emit) => {
    const lines = linesParser(provider)(emit)
    const pieces: Uint8Array[] = []
    let size = 0
    let isJson: boolean | undefined
    return {
      push(bytes) {
        isJson ??= looksLikeJson(bytes)
        if (isJson === undefined) return
        if (!isJson) return lines.push(bytes)
        size += bytes.length
        if (size > MAX_JSON_BYTES)
          throw new SourceFormatError(
            `this is no list of cloud addresses: it has more than ${MAX_JSON_BYTES} bytes`,
          )
        pieces.push(new Uint8Array(bytes))
        return
      },
      end: () => (isJson === true ? readJson(Buffer.concat(pieces), provider, emit) : lines.end()),
    }
  }
}

/** @returns undefined while there are only blanks */
function looksLikeJson(bytes: Uint8Array): boolean | undefined {
  // Blanks and the mark of UTF-8 say nothing.
  const first = bytes.find((byte) => byte > 32 && byte < 128)
  return first === undefined ? undefined : first === BRACE || first === BRACKET
}

function linesParser(provider: string): OpenParser {
  return lineParser({
    title: 'a list of cloud addresses',
    isEndOpen: true,
    read(emit) {
      let part = ''
      return {
        line(bytes, from, to) {
          if (bytes[from] === HASH) return undefined
          const plain = cidrAt(bytes, from, to)
          const fields = plain === undefined ? splitCsv(rawTextAt(bytes, from, to)) : []
          const range = plain ?? cidrOf(fields?.[0]?.trim() ?? '')
          if (range === undefined) return 'begins with no prefix and no address'
          const [, country = '', region = ''] = fields ?? []
          if (!/^(?:[A-Za-z]{2})?$/.test(country.trim()))
            return 'has something else than a country in its second field'
          part ||= `ipv${range.version}`
          emit({
            ...range,
            kind: 'cloud-range',
            provider,
            service: '',
            region: cleanText(region),
            country: countryOf(country.trim()),
          })
          return undefined
        },
        part: () => part,
      }
    },
  })
}

function readJson(bytes: Uint8Array, provider: string, emit: EmitRow): FileSummary {
  const refuse = (problem: string) =>
    new SourceFormatError(`this is no list of addresses that a cloud publishes: ${problem}`)
  let document: unknown
  try {
    document = JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw refuse(`it is no JSON, or only a part of it (${(error as Error).message})`)
  }
  const list = listIn(fieldsOf(document))
  if (list === undefined) throw refuse('its JSON has none of the known shapes')
  let rows = 0
  let badRows = 0
  let firstProblem = ''
  for (const { cidr, service, region, country } of list.prefixes) {
    const range = typeof cidr === 'string' ? cidrOf(cidr) : undefined
    if (range === undefined) {
      badRows++
      firstProblem ||= `entry ${rows + badRows} has no prefix`
      continue
    }
    rows++
    emit({
      ...range,
      kind: 'cloud-range',
      provider,
      service: nameOf(service),
      region: nameOf(region),
      country: countryOf(nameOf(country)),
    })
  }
  if (badRows * ROWS_FOR_A_BAD_ONE > rows) throw refuse(firstProblem)
  if (rows === 0) throw refuse('it has no entry')
  return { rows, badRows, day: list.day, part: '' }
}

type Fields = Readonly<Partial<Record<string, unknown>>>

/**
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html, https://www.gstatic.com/ipranges/cloud.json,
 * https://learn.microsoft.com/azure/virtual-network/service-tags-overview, https://docs.oracle.com/iaas/tools/public_ip_ranges.json,
 * https://www.fastly.com/documentation/reference/api/utils/public-ip-list/, https://docs.github.com/rest/meta/meta,
 * https://geofeed.constant.com/?json
 */
function listIn(
  document: Fields,
): { readonly prefixes: readonly CloudPrefix[]; readonly day: DayNumber } | undefined {
  const at = (key: string) => arrayOf(document[key])
  const timeOf = (key: string) => dayOf(nameOf(document[key]).slice(0, 10))
  if (isArray(document['prefixes']))
    return {
      // AWS writes 2025-11-17-14-23-07, Google 2025-11-17T13:04:43.
      day: timeOf('createDate') || timeOf('creationTime'),
      prefixes: [...at('prefixes'), ...at('ipv6_prefixes')].map((entry) => ({
        cidr: entry['ip_prefix'] ?? entry['ipv6_prefix'] ?? entry['ipv4Prefix'] ?? entry['ipv6Prefix'],
        service: entry['service'],
        region: entry['region'] ?? entry['scope'],
      })),
    }
  if (isArray(document['values'])) return { day: 0, prefixes: at('values').flatMap(azurePrefixes) }
  if (isArray(document['regions']))
    return {
      day: timeOf('last_updated_timestamp'),
      prefixes: at('regions').flatMap((region) =>
        arrayOf(region['cidrs']).map((entry) => ({
          cidr: entry['cidr'],
          service: texts(entry['tags'])[0],
          region: region['region'],
        })),
      ),
    }
  if (isArray(document['subnets']))
    return {
      day: timeOf('updated'),
      prefixes: at('subnets').map((entry) => ({
        cidr: entry['ip_prefix'],
        region: entry['region'],
        country: entry['alpha2code'],
      })),
    }
  if (isArray(document['addresses']))
    return {
      day: 0,
      prefixes: [...texts(document['addresses']), ...texts(document['ipv6_addresses'])].map((cidr) => ({
        cidr,
      })),
    }
  if (isArray(document['actions'])) return { day: 0, prefixes: gitHubPrefixes(document) }
  return undefined
}

/** The general tags, such as `AzureCloud`, repeat what the particular ones have; `AzureCloud.<region>` knows the region. */
function azurePrefixes(tag: Fields): readonly CloudPrefix[] {
  const properties = fieldsOf(tag['properties'])
  return texts(properties['addressPrefixes']).map((cidr) => ({
    cidr,
    service: properties['systemService'] || tag['name'],
    region: properties['region'],
  }))
}

/** The lists of addresses among other lists: of keys, domains, versions. */
function gitHubPrefixes(document: Fields): readonly CloudPrefix[] {
  return Object.entries(document).flatMap(([service, list]) =>
    texts(list)
      .filter((text) => cidrOf(text) !== undefined)
      .map((cidr) => ({ cidr, service })),
  )
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function arrayOf(value: unknown): readonly Fields[] {
  return isArray(value) ? value.map(fieldsOf) : []
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !isArray(value) ? (value as Fields) : {}
}

function texts(value: unknown): readonly string[] {
  return isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

function nameOf(value: unknown): string {
  return typeof value === 'string' ? cleanText(value) : ''
}
