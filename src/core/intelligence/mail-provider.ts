import { DomainError } from '#core/errors.ts'
import type { NetworkCtx } from '#core/network/look-up.ts'
import { lookUpIp } from '#core/network/look-up.ts'
import type { DnsClient } from '#ports/dns/dns-client.ts'
import { recordsOf } from '#ports/dns/dns-record.ts'
import { askDns, type DnsFailure } from './ask-dns.ts'
import { mailServersIn, type MailServer, spfIn } from './dns-records.ts'
import { MAIL_PROVIDERS, type MailProvider } from './mail-providers.ts'

/** Where the mail of a domain goes. */
export interface MailSetup {
  /** Who keeps the mailboxes, as far as DNS shows it: a well-known provider, else the holder of the mail server's network. */
  readonly provider: string | undefined
  /** What shows it. */
  readonly by: 'mx' | 'spf' | 'as' | undefined
  /** A filter that mail passes on its way; it is the provider too where nothing shows who is behind it. */
  readonly gateway: string | undefined
  /** The most preferred first. */
  readonly mx: readonly MailServer[]
  /** The domain says that it takes no mail (RFC 7505). */
  readonly isNullMx: boolean
  /** Why mail servers could not be found out. */
  readonly failure: DnsFailure | undefined
}

/** Mail servers are named more than once for reliability; the first is as good as any. */
const MAX_SERVERS = 10

/**
 * Where the mail of a domain goes: by the names of its mail servers, then by those it lets send, then by the network that
 * the first mail server is in.
 *
 * @param domain in its ASCII form
 */
export async function mailProvider(
  deps: NetworkCtx & { readonly dns: DnsClient },
  domain: string,
  signal: AbortSignal,
): Promise<MailSetup> {
  const [mxOutcome, txtOutcome] = await Promise.all([
    askDns(deps.dns, domain, 'MX', signal),
    askDns(deps.dns, domain, 'TXT', signal),
  ])
  const mx = mailServersIn(mxOutcome).slice(0, MAX_SERVERS)
  const setup = {
    mx,
    isNullMx: mx.length === 1 && mx[0]?.exchange === '',
    failure: mxOutcome.kind === 'failed' ? mxOutcome.reason : undefined,
    gateway: undefined,
  }
  const none: MailSetup = { ...setup, provider: undefined, by: undefined }
  if (setup.isNullMx || mx.length === 0) return none

  const byMx = mx.map(({ exchange }) => providerOfServer(exchange)).find((found) => found !== undefined)
  if (byMx?.kind === 'mailbox') return { ...setup, provider: byMx.name, by: 'mx' }
  const gateway = byMx?.kind === 'gateway' ? byMx.name : undefined
  const bySpf = providerOfSpf(spfIn(txtOutcome) ?? '')
  if (bySpf !== undefined) return { ...setup, provider: bySpf.name, by: 'spf', gateway }
  if (byMx !== undefined) return { ...setup, provider: byMx.name, by: 'mx', gateway }
  const holder = await holderOf(deps, mx[0]?.exchange ?? '', signal)
  return holder === undefined ? none : { ...setup, provider: holder, by: 'as' }
}

function providerOfServer(exchange: string): MailProvider | undefined {
  return MAIL_PROVIDERS.find(({ mx }) => mx.some((end) => isWithin(exchange, end)))
}

/** Only who keeps mailboxes: a filter behind a filter is none, and services that only send are not in the table. */
function providerOfSpf(spf: string): MailProvider | undefined {
  const names = [...spf.matchAll(/(?:^|\s)[+?~-]?(?:include:|redirect=)(\S+)/gi)].map(([, name = '']) =>
    name.toLowerCase().replace(/\.$/, ''),
  )
  return MAIL_PROVIDERS.find(
    ({ kind, spf: ends = [] }) =>
      kind === 'mailbox' && ends.some((end) => names.some((name) => isWithin(name, end))),
  )
}

function isWithin(name: string, end: string): boolean {
  const labels = name.split('.').toReversed()
  return end
    .split('.')
    .toReversed()
    .every((label, index) => labels[index] === label || (label === '*' && labels[index] !== undefined))
}

/** The holder of the network that a host is in; undefined when nobody knows. */
async function holderOf(
  deps: NetworkCtx & { readonly dns: DnsClient },
  host: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const outcome = await askDns(deps.dns, host, 'A', signal)
  const ip = outcome.kind === 'answered' ? recordsOf(outcome.answer, 'A')[0]?.address : undefined
  if (ip === undefined) return undefined
  try {
    const origin = lookUpIp(deps, ip).network?.origins[0]
    return origin?.organization || origin?.name || undefined
  } catch (error) {
    // Without network data the rest is as good as ever.
    if (error instanceof DomainError && error.code === 'network-data-loading') return undefined
    throw error
  }
}
