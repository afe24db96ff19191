import type { WhoisClient } from '#ports/whois/whois-client.ts'
import { WhoisError } from '#ports/whois/whois-error.ts'
import type { AsRecord } from './network.ts'

/** What asking a registry takes: a whole `Ctx` has it. */
export interface WhoisCtx {
  readonly whois: WhoisClient
}

/**
 * What the registry of a system has on record of it, as it says it, today or a day ago. Where it does not say it in time,
 * the record is written from local data, and its first line says so.
 */
export async function getAsWhois(ctx: WhoisCtx, as: AsRecord): Promise<string> {
  try {
    const answer = await ctx.whois.ask(as.registration?.value.rir ?? 'IANA', `AS${as.asn}`)
    const cut = `% The answer of ${answer.server} was longer; the rest was not kept.\n`
    return answer.isTruncated ? answer.text + cut : answer.text
  } catch (error) {
    if (error instanceof WhoisError) return localRecord(as, error.message)
    throw error
  }
}

/** The attributes of ARIN's records, which the contract's example has. */
function localRecord(as: AsRecord, reason: string): string {
  const registration = as.registration?.value
  const attributes = [
    ['ASNumber', String(as.asn)],
    ['ASName', as.name],
    ['OrgName', as.organization],
    ['Country', as.country],
    ['RegDate', registration?.allocatedOn ?? ''],
    ['Status', registration?.status ?? ''],
    ['Registry', registration?.rir ?? ''],
  ].filter(([, value]) => value !== '')
  const used = [...Object.values(as.sources), as.registration?.source]
  const sources = new Set(
    used.flatMap((source) =>
      source === undefined ? [] : [`${source.title}${source.date === undefined ? '' : ` (${source.date})`}`],
    ),
  )
  return [
    `% Not from a live WHOIS server (${reason}): written by Onehop from local registry data.`,
    ...[...sources].map((source) => `% Source: ${source}`),
    '',
    ...attributes.map(([name, value]) => `${`${name}:`.padEnd(12)}${value}`),
    '',
  ].join('\n')
}
