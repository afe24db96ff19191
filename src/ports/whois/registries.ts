/** Where a WHOIS server listens. */
export interface WhoisServer {
  readonly host: string
  /** 43 unless an operator says otherwise. */
  readonly port: number
}

/** The registries that numbers can be asked of, IANA for those nobody knows the registry of. */
export type RegistryName = 'AFRINIC' | 'APNIC' | 'ARIN' | 'LACNIC' | 'RIPE' | 'IANA'

/** The registries' servers, and which others they may refer to. */
export interface Registries {
  readonly servers: Readonly<Record<RegistryName, WhoisServer>>
  /** By lower-case name. A referral to any other server is not followed. */
  readonly referrals: ReadonlyMap<string, WhoisServer>
}

const PORT = 43

const SERVERS: Registries['servers'] = {
  AFRINIC: { host: 'whois.afrinic.net', port: PORT },
  APNIC: { host: 'whois.apnic.net', port: PORT },
  ARIN: { host: 'whois.arin.net', port: PORT },
  LACNIC: { host: 'whois.lacnic.net', port: PORT },
  RIPE: { host: 'whois.ripe.net', port: PORT },
  IANA: { host: 'whois.iana.org', port: PORT },
}

/** National registries that the regional ones refer to for numbers they have handed on. */
const NATIONAL = ['whois.registro.br', 'whois.nic.ad.jp', 'whois.kr', 'whois.twnic.net.tw']

/** Source: https://www.iana.org/whois and the registries' own referrals. */
export const INTERNET_REGISTRIES: Registries = {
  servers: SERVERS,
  referrals: new Map(
    [...Object.values(SERVERS), ...NATIONAL.map((host) => ({ host, port: PORT }))].map((server) => [
      server.host,
      server,
    ]),
  ),
}

/**
 * The server an answer refers to: IANA's `refer:`, ARIN's `ReferralServer:`, the `remarks`-less `whois:` of others.
 *
 * @returns undefined when it refers to none, or to one that is no registry's
 */
export function referredServer(text: string, registries: Registries): WhoisServer | undefined {
  const value = /^(?:refer|whois|referralserver)[ \t]*:[ \t]*(\S+)/im.exec(text)?.[1]
  const host = value
    ?.toLowerCase()
    .replace(/^r?whois:\/\//, '')
    .replace(/(?::43)?\/*$/, '')
  return host === undefined ? undefined : registries.referrals.get(host)
}
