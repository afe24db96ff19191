import type { DnsRecords } from '#core/intelligence/dns-records.ts'
import type { DomainFindings } from '#core/intelligence/lookup-report.ts'

/** `dns`; types that could not be asked for are empty here and named in `errors`. Null when nothing could. */
export function dnsToWire(records: DnsRecords | undefined) {
  if (records === undefined) return null
  const { a, aaaa, ns, txt, soa, caa, spf, dmarc, mtaSts, bimi } = records
  return {
    exists: records.isExisting ?? null,
    a,
    aaaa,
    mx: mxToWire(records.mx),
    ns,
    txt,
    soa:
      soa === undefined
        ? null
        : {
            mname: soa.primary,
            rname: soa.responsible,
            serial: soa.serial,
            refresh: soa.refreshS,
            retry: soa.retryS,
            expire: soa.expireS,
            minimum: soa.minimumS,
          },
    caa: caa.map(({ isCritical, tag, value }) => ({ critical: isCritical, tag, value })),
    dnssec: {
      ds: records.hasDs ?? null,
      dnskey: records.hasDnskey ?? null,
      validated: records.isAuthenticated,
    },
    spf: spf ?? null,
    dmarc: dmarc ?? null,
    mta_sts: mtaSts ?? null,
    bimi: bimi ?? null,
  }
}

function mxToWire(mx: DnsRecords['mx']) {
  return mx.map(({ preference, exchange }) => ({ priority: preference, exchange }))
}

/** `mail`; null when nobody could be asked. */
export function mailToWire({ mail, records, isDisposable }: DomainFindings) {
  if (mail === undefined) return null
  const { provider, by, gateway, mx, isNullMx } = mail
  return {
    provider: provider ?? null,
    ...(by !== undefined && { provider_by: by }),
    ...(gateway !== undefined && { gateway }),
    mx_records: mxToWire(mx),
    null_mx: isNullMx,
    spf: records?.spf ?? null,
    dmarc: records?.dmarc ?? null,
    mta_sts: records?.mtaSts ?? null,
    disposable: isDisposable,
  }
}
