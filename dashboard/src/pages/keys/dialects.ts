import type { KeyDialect } from '#dash/api/keys.ts'

/** An API that this server speaks. */
export interface DialectInfo {
  readonly id: KeyDialect
  readonly label: string
  /** What its keys look like, and what it is for. */
  readonly hint: string
  /** A first request, for a shell. */
  readonly example: (baseUrl: string, secret: string) => string
}

const JSON_TYPE = `-H 'Content-Type: application/json'`
const TARGET = 'https://example.com/a/long/address'

/** Every API, ours first. */
export const DIALECTS: readonly DialectInfo[] = [
  {
    id: 'onehop',
    label: 'Onehop',
    hint: 'hop_… Everything there is, at /api/v2',
    example: (base, secret) =>
      lines(
        `curl ${base}/api/v2/links`,
        `-H 'Authorization: Bearer ${secret}'`,
        JSON_TYPE,
        `-d '{"target":"${TARGET}"}'`,
      ),
  },
  {
    id: 'lnk7',
    label: 'lnk7',
    hint: 'lnk7_… Short links, at /api/v1',
    example: (base, secret) =>
      lines(
        `curl ${base}/api/v1/links`,
        `-H 'Authorization: Bearer ${secret}'`,
        JSON_TYPE,
        `-d '{"original_url":"${TARGET}"}'`,
      ),
  },
  {
    id: 'lynklens',
    label: 'LynkLens',
    hint: '1|… Links, reports and QR codes, at /v1',
    example: (base, secret) =>
      lines(
        `curl ${base}/v1/links`,
        `-H 'Authorization: Bearer ${secret}'`,
        JSON_TYPE,
        `-d '{"long_url":"${TARGET}"}'`,
      ),
  },
  {
    id: 'linktj',
    label: 'Link.TJ',
    hint: 'lnktj_… Short and typed links, at /api/v1',
    example: (base, secret) =>
      lines(`curl ${base}/api/v1/links`, `-H 'X-Api-Key: ${secret}'`, JSON_TYPE, `-d '{"url":"${TARGET}"}'`),
  },
  {
    id: 'lynk',
    label: 'Lynk',
    hint: 'lynk_… Networks, addresses and files, at /bgp, /ip and /api/files',
    example: (base, secret) => lines(`curl ${base}/bgp/v1/asn/13335`, `-H 'Authorization: Bearer ${secret}'`),
  },
  {
    id: 'ipgeolocation',
    label: 'ipgeolocation.io',
    hint: '32 digits. Networks, at /v3',
    example: (base, secret) => `curl '${base}/v3/asn?apiKey=${secret}&asn=AS13335'`,
  },
]

/** @returns the dialect's own word where it is not known here */
export function dialectLabel(id: string): string {
  return DIALECTS.find((dialect) => dialect.id === id)?.label ?? id
}

function lines(...parts: readonly string[]): string {
  return parts.join(' \\\n  ')
}
