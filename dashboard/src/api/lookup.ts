import { queryOptions } from '@tanstack/react-query'
import type { AsLookup } from '#dialects/onehop/wire/lookups.ts'
import { call } from './client.ts'

export type LookupMode = 'lite' | 'full'

export type AsAnswer = AsLookup
/** Of one version of IP. */
export type Neighbours = NonNullable<AsLookup['neighbours']['ipv4']>
export type NeighbourCounts = NonNullable<AsLookup['graph']['ipv4']>
/** An autonomous system in a list. */
export type AsBrief = Neighbours['upstreams'][number]

export interface NameAnswer {
  readonly kind: 'name'
  readonly query: string
  readonly results: readonly AsBrief[]
  readonly total?: number
}

export interface PrefixAnswer {
  readonly kind: 'prefix'
  readonly query: string
  readonly results: readonly {
    readonly prefix: string
    readonly first: string
    readonly last: string
    readonly origins: readonly AsBrief[]
  }[]
  readonly total?: number
}

export interface SourceReport {
  readonly geo: {
    readonly city: string | null
    readonly country: string | null
    readonly country_name: string | null
    readonly region?: string
    readonly postal_code?: string
    readonly latitude?: number
    readonly longitude?: number
    readonly time_zone?: string
  }
  readonly network: {
    readonly asn: number | null
    readonly org: string | null
    readonly network: string | null
  }
  readonly as_of?: string | null
  readonly license?: string
}

export interface Evidence {
  readonly flag: string
  readonly by: string
  readonly matched: string
  readonly detail?: string
  readonly source: string
}

export interface PrivacyReport {
  readonly vpn: boolean
  readonly proxy: boolean
  readonly tor: boolean
  readonly hosting: boolean
  readonly cloud_provider: string | null
  readonly cloud_service?: string
  /** Flags that no loaded list could raise. */
  readonly unknown?: readonly string[]
  readonly evidence?: readonly Evidence[]
}

export interface Listing {
  readonly zone: string
  readonly name: string
  readonly meaning?: string
  readonly reason?: string
}

export interface ZoneCounts {
  readonly answered: number
  readonly [count: string]: number
}

export interface RiskReport {
  /** Null where no list has answered: nobody knows then. */
  readonly ip_blacklisted: boolean | null
  readonly domain_blacklisted?: boolean | null
  readonly mx_blacklisted?: boolean | null
  readonly ip_listings?: readonly Listing[]
  readonly ip_zones?: ZoneCounts
  readonly domain_listings?: readonly Listing[]
  readonly domain_zones?: ZoneCounts
  readonly mx?:
    | readonly {
        readonly host: string
        readonly ip: string | null
        readonly blacklisted: boolean | null
        readonly listings?: readonly Listing[]
      }[]
    | null
}

export interface RegistrationReport {
  readonly registrar: string | null
  readonly created: string | null
  readonly updated: string | null
  readonly expires: string | null
  readonly status?: readonly string[]
  readonly name_servers?: readonly string[]
  readonly organization?: string | null
  readonly country?: string | null
  readonly network?: string
  readonly network_name?: string | null
  readonly abuse_contact?: string
  readonly source?: string
  readonly server?: string
}

export interface CertificateReport {
  readonly issuer: string | null
  readonly issuer_name?: string | null
  readonly subject?: string | null
  readonly valid_from?: string
  readonly valid_to?: string
  readonly days_remaining: number
  readonly sans: readonly string[]
  readonly valid?: boolean
  readonly problem?: string
  readonly protocol?: string | null
  readonly fingerprint_sha256?: string
}

export interface MailHost {
  readonly priority: number
  readonly exchange: string
}

export interface DnsReport {
  readonly a?: readonly string[]
  readonly aaaa?: readonly string[]
  readonly mx: readonly MailHost[]
  readonly ns: readonly string[]
  readonly txt: readonly string[]
  readonly soa?: { readonly mname: string; readonly rname: string; readonly serial: number } | null
  readonly caa?: readonly { readonly tag: string; readonly value: string }[]
  readonly dnssec?: { readonly ds: boolean | null; readonly validated: boolean | null }
}

export interface MailReport {
  readonly provider: string | null
  readonly gateway?: string
  readonly mx_records: readonly MailHost[]
  readonly null_mx?: boolean
  readonly spf?: unknown
  readonly dmarc?: unknown
  readonly mta_sts?: unknown
  readonly disposable?: boolean | null
}

/** Of an address or a domain: a part that is absent was not asked for, one that is null is not known. */
export interface TargetAnswer {
  readonly kind: 'ip' | 'domain'
  readonly query: string
  readonly mode: LookupMode
  readonly ip: string | null
  readonly ip_version?: string
  readonly bogon?: boolean
  readonly bogon_reason?: { readonly purpose: string; readonly reference: string }
  readonly rdns?: string | null
  readonly rdns_confirmed?: boolean
  readonly domain?: string
  readonly domain_unicode?: string
  readonly registrable_domain?: string | null
  readonly sources?: Readonly<Record<string, SourceReport>>
  readonly consensus?: {
    readonly country: string | null
    readonly country_name: string | null
    readonly agreement: number | null
    readonly databases: number
  }
  readonly network?: {
    readonly asn: number | null
    readonly name: string | null
    readonly org: string | null
    readonly country: string | null
    readonly network: string
    readonly registry?: {
      readonly name: string
      readonly country: string | null
      readonly allocated: string | null
      readonly status: string
    }
  } | null
  readonly privacy?: PrivacyReport
  readonly resolved_ips?: { readonly a: readonly string[]; readonly aaaa: readonly string[] }
  readonly dns?: DnsReport | null
  readonly mail?: MailReport | null
  readonly whois?: RegistrationReport | null
  readonly ssl?: CertificateReport | null
  readonly risk?: RiskReport
  /** Why each source that failed is missing. */
  readonly errors?: Readonly<Record<string, string>>
}

export type LookupAnswer = TargetAnswer | AsAnswer | NameAnswer | PrefixAnswer

/** Asked once: every answer costs a credit. */
export function lookupQuery(q: string, mode: LookupMode) {
  return queryOptions({
    queryKey: ['lookup', q, mode],
    queryFn: ({ signal }) => call<LookupAnswer>('GET', '/lookup', { query: { q, mode }, signal }),
    enabled: q !== '',
    staleTime: Infinity,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
}
