interface RecordOf<T extends string> {
  readonly type: T
  /** The owner's name, in lower case without a dot at its end: another than was asked for behind a `CNAME`. */
  readonly name: string
  readonly ttlS: number
}

/**
 * One record of an answer. Names are in lower case without a dot at their end; the root is ''.
 *
 * Source: RFC 1035 (A, NS, CNAME, SOA, PTR, MX, TXT), RFC 3596 (AAAA), RFC 8659 (CAA), RFC 4034 (DS, DNSKEY).
 */
export type DnsRecord =
  | (RecordOf<'A' | 'AAAA'> & { readonly address: string })
  | (RecordOf<'CNAME' | 'NS' | 'PTR'> & { readonly target: string })
  | (RecordOf<'MX'> & { readonly preference: number; readonly exchange: string })
  /** The strings of a record are one text (RFC 7208 §3.3), bytes that are no UTF-8 replaced. */
  | (RecordOf<'TXT'> & { readonly text: string })
  | (RecordOf<'SOA'> & {
      readonly primary: string
      /** A mail address, written as a name. */
      readonly responsible: string
      readonly serial: number
      readonly refreshS: number
      readonly retryS: number
      readonly expireS: number
      readonly minimumS: number
    })
  | (RecordOf<'CAA'> & { readonly isCritical: boolean; readonly tag: string; readonly value: string })
  | (RecordOf<'DS'> & {
      readonly keyTag: number
      readonly algorithm: number
      readonly digestType: number
      /** Hexadecimal. */
      readonly digest: string
    })
  | (RecordOf<'DNSKEY'> & { readonly flags: number; readonly algorithm: number })

/** What can be asked for. */
export type RecordType = DnsRecord['type']

/** The record of one type. */
export type DnsRecordOf<T extends RecordType> = DnsRecord & { readonly type: T }

/** What a name has of one type. */
export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED` or another response code by its name. */
  readonly rcode: string
  /** Of the name and of those its `CNAME`s lead to, in the order of the answer. */
  readonly records: readonly DnsRecord[]
  /** The resolver has checked the answer by DNSSEC; worth what the resolver and the way to it are worth. */
  readonly isAuthenticated: boolean
}

/** The records of one type in an answer. */
export function recordsOf<T extends RecordType>(answer: DnsAnswer, type: T): readonly DnsRecordOf<T>[] {
  return answer.records.filter((record): record is DnsRecordOf<T> => record.type === type)
}
