import type { Services } from '#core/context.ts'
import { parseIp } from '#ports/geo/parse-ip.ts'
import { recordsOf } from '#ports/dns/dns-record.ts'
import { OutgoingError } from '#ports/outgoing/outgoing-error.ts'
import { isPublicAddress } from '#ports/outgoing/address-policy.ts'
import { type AddressReport, describeAddress, withBlocklists } from './address-report.ts'
import { checkDomainBlocklists, checkIpBlocklists } from './blocklists.ts'
import { certificateOf } from './certificate-of.ts'
import { askDns, type DnsOutcome } from './ask-dns.ts'
import { isDisposableDomain } from './disposable-domain.ts'
import { dnsRecords, mailServersIn } from './dns-records.ts'
import { LookupParts, PartError } from './lookup-parts.ts'
import type {
  DomainFindings,
  DomainReport,
  IpReport,
  LookupMode,
  LookupReport,
  MxListing,
} from './lookup-report.ts'
import type { DomainTarget, IpTarget, LookupTarget } from './lookup-target.ts'
import { mailProvider } from './mail-provider.ts'
import { registrationOf } from './registration-of.ts'
import { reverseDns } from './reverse-dns.ts'

/** What a lookup takes: a whole `Ctx` has it. */
export type LookupCtx = Pick<
  Services,
  'network' | 'dns' | 'rdap' | 'whois' | 'tlsProbe' | 'outgoing' | 'blocklists' | 'lookups' | 'now'
>

/** An answer leaves within 5 s, whatever is silent. */
const LIMIT_MS = 4_400
/** The addresses of a domain, on which more depends. */
const ADDRESSES_MS = 2_000
const REVERSE_DNS_MS = 2_500
const DNS_RECORDS_MS = 3_500
const BLOCKLISTS_MS = 3_500
const REGISTRATION_MS = 4_200
const CERTIFICATE_MS = 3_800
const MX_BLOCKLISTS_MS = 4_000
const HTTPS_PORT = 443
/** Hosts that take a domain's mail and are looked for in blocklists. */
const MAX_MAIL_HOSTS = 3

/**
 * Everything that is known of an address or a domain, from local data and, in `full`, from whoever there is to ask. What
 * cannot be found out in time is missing and named; those who ask for the same at once share one run.
 *
 * Nobody is asked about a bogon, and nobody but the DNS about a domain that has a private address.
 *
 * @throws DomainError `network-data-loading`
 */
export async function lookUpTarget(
  ctx: LookupCtx,
  target: LookupTarget,
  { mode }: { readonly mode: LookupMode },
): Promise<LookupReport> {
  return target.kind === 'ip'
    ? ctx.lookups.shareRun(`${mode} ${target.ip}`, () => lookUpAddress(ctx, target, mode))
    : ctx.lookups.shareRun(`${mode} ${target.domain}`, () => lookUpDomain(ctx, target, mode))
}

async function lookUpAddress(ctx: LookupCtx, target: IpTarget, mode: LookupMode): Promise<IpReport> {
  const address = describeAddress(ctx.network.view(), target)
  if (mode === 'lite') return { kind: 'ip', target, address, findings: undefined, failures: [] }
  if (address.record.special !== undefined)
    return { kind: 'ip', target, address, findings: NOTHING_FOUND, failures: [] }
  using parts = new LookupParts(LIMIT_MS)
  const { ip } = target
  const [reverse, blocklists, registration] = await Promise.all([
    parts.do('reverse-dns', REVERSE_DNS_MS, (signal) => reverseDns(ctx, ip, signal)),
    parts.do('ip-blocklists', BLOCKLISTS_MS, (signal) => checkIpBlocklists(ctx, ip, signal)),
    parts.do('registration', REGISTRATION_MS, (signal) => registrationOf(ctx, { kind: 'ip', ip }, signal)),
  ])
  return {
    kind: 'ip',
    target,
    address: withBlocklists(address, blocklists),
    findings: { reverse, blocklists, registration },
    failures: parts.failures,
  }
}

const NOTHING_FOUND = { reverse: undefined, blocklists: undefined, registration: undefined }

async function lookUpDomain(ctx: LookupCtx, target: DomainTarget, mode: LookupMode): Promise<DomainReport> {
  // Nothing is asked before there are data to answer from.
  ctx.network.view()
  using parts = new LookupParts(LIMIT_MS)
  const resolving = parts.do('addresses', ADDRESSES_MS, (signal) => addressesOf(ctx, target.domain, signal))
  const finding = mode === 'full' ? find(ctx, target, resolving, parts) : undefined
  const [{ ipv4, ipv6 } = NO_ADDRESSES, findings] = await Promise.all([resolving, finding])
  const first = ipv4[0] ?? ipv6[0]
  const address = first === undefined ? undefined : withBlocklists(reportOn(ctx, first), findings?.blocklists)
  return { kind: 'domain', target, ipv4, ipv6, address, findings, failures: parts.failures }
}

interface Addresses {
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
}

const NO_ADDRESSES: Addresses = { ipv4: [], ipv6: [] }

/** @throws PartError when there are none, as far as the resolver says, and it does not say all */
async function addressesOf(ctx: LookupCtx, domain: string, signal: AbortSignal): Promise<Addresses> {
  const [ipv4, ipv6] = await Promise.all([
    askDns(ctx.dns, domain, 'A', signal),
    askDns(ctx.dns, domain, 'AAAA', signal),
  ])
  const found = { ipv4: addressesIn(ipv4, 'A'), ipv6: addressesIn(ipv6, 'AAAA') }
  const failed = [ipv4, ipv6].find((outcome) => outcome.kind === 'failed')
  if (failed !== undefined && found.ipv4.length + found.ipv6.length === 0) throw new PartError(failed.reason)
  return found
}

function reportOn(ctx: LookupCtx, ip: string): AddressReport {
  const words = new Uint32Array(4)
  const version = parseIp(ip, words)
  if (version === undefined) throw new Error(`a resolver answered with ${ip}, which is no address`)
  return describeAddress(ctx.network.view(), { version, words })
}

/** Ask everybody about a domain. */
async function find(
  ctx: LookupCtx,
  { domain }: DomainTarget,
  resolving: Promise<Addresses | undefined>,
  parts: LookupParts,
): Promise<DomainFindings> {
  const [ofAddresses, domainBlocklists, records, mail, mxBlocklists] = await Promise.all([
    resolving.then((addresses = NO_ADDRESSES) => findByAddresses(ctx, domain, addresses, parts)),
    parts.do('domain-blocklists', BLOCKLISTS_MS, (signal) => checkDomainBlocklists(ctx, domain, signal)),
    parts.do('dns-records', DNS_RECORDS_MS, (signal) => dnsRecords(ctx, domain, signal)),
    parts.do('mail-provider', DNS_RECORDS_MS, (signal) => mailProvider(ctx, domain, signal)),
    parts.do('mx-blocklists', MX_BLOCKLISTS_MS, (signal) => listingsOfMailHosts(ctx, domain, signal)),
  ])
  const isDisposable = isDisposableDomain(domain)
  return { ...ofAddresses, domainBlocklists, records, mail, mxBlocklists, isDisposable }
}

/** What depends on where a domain is: registries and servers are left alone where that is no public place. */
async function findByAddresses(
  ctx: LookupCtx,
  domain: string,
  { ipv4, ipv6 }: Addresses,
  parts: LookupParts,
) {
  const all = [...ipv4, ...ipv6]
  const first = all[0]
  const isPrivate = !(await mayAllBeReached(ctx, all))
  const asksAddress = first !== undefined && isPublicAddress(first)
  const [reverse, blocklists, registration, certificate] = await Promise.all([
    asksAddress
      ? parts.do('reverse-dns', REVERSE_DNS_MS, (signal) => reverseDns(ctx, first, signal))
      : undefined,
    asksAddress
      ? parts.do('ip-blocklists', BLOCKLISTS_MS, (signal) => checkIpBlocklists(ctx, first, signal))
      : undefined,
    isPrivate
      ? undefined
      : parts.do('registration', REGISTRATION_MS, (signal) =>
          registrationOf(ctx, { kind: 'domain', domain }, signal),
        ),
    isPrivate || first === undefined
      ? undefined
      : parts.do('certificate', CERTIFICATE_MS, (signal) =>
          ctx.lookups.certificate(`${first} ${domain}`, () =>
            certificateOf(ctx, { ip: first, host: domain, port: HTTPS_PORT }, signal),
          ),
        ),
  ])
  return { reverse, blocklists, registration, certificate, isPrivate }
}

/** Whether all are public addresses, or such as the operator allows. */
async function mayAllBeReached(ctx: LookupCtx, addresses: readonly string[]): Promise<boolean> {
  try {
    for (const ip of addresses) if (!isPublicAddress(ip)) await ctx.outgoing.checkHost(ip)
    return true
  } catch (error) {
    if (error instanceof OutgoingError) return false
    throw error
  }
}

/**
 * What blocklists say of the first public address of each host that takes a domain's mail.
 *
 * @returns undefined when nobody says which those are
 */
async function listingsOfMailHosts(
  ctx: LookupCtx,
  domain: string,
  signal: AbortSignal,
): Promise<readonly MxListing[] | undefined> {
  const outcome = await askDns(ctx.dns, domain, 'MX', signal)
  if (outcome.kind === 'failed') return undefined
  const hosts = mailServersIn(outcome).map(({ exchange }) => exchange)
  const listings = await Promise.all(
    hosts
      .filter((host) => host !== '')
      .slice(0, MAX_MAIL_HOSTS)
      .map((host) => listingsOfHost(ctx, host, signal)),
  )
  return listings.filter((listing) => listing !== undefined)
}

/** @returns undefined for a host without a public address, which nobody lists */
async function listingsOfHost(
  ctx: LookupCtx,
  host: string,
  signal: AbortSignal,
): Promise<MxListing | undefined> {
  const asking = askDns(ctx.dns, host, 'AAAA', signal)
  // Not waited for where the other is enough; a bug shows in that one too.
  asking.catch(() => {})
  const ipv4 = await askDns(ctx.dns, host, 'A', signal)
  const ip =
    addressesIn(ipv4, 'A').find(isPublicAddress) ?? addressesIn(await asking, 'AAAA').find(isPublicAddress)
  if (ip !== undefined) return { host, ip, report: await checkIpBlocklists(ctx, ip, signal) }
  const isUnknown = ipv4.kind === 'failed' || (await asking).kind === 'failed'
  return isUnknown ? { host, ip: undefined, report: undefined } : undefined
}

function addressesIn(outcome: DnsOutcome, type: 'A' | 'AAAA'): readonly string[] {
  return outcome.kind === 'failed' ? [] : recordsOf(outcome.answer, type).map(({ address }) => address)
}
