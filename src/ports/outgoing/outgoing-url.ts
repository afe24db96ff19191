import { OutgoingError } from './outgoing-error.ts'

/**
 * Ports of services that speak something else than HTTP, which a request could be made to sound like.
 *
 * Source: Fetch standard, "port blocking", https://fetch.spec.whatwg.org/#port-blocking
 */
const BAD_PORTS = new Set(
  [
    [0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95],
    [101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179],
    [389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636],
    [989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566],
    [6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
  ]
    .flat()
    .map(String),
)

const MAX_URL_LENGTH = 8 * 1024

/**
 * A URL that a request may be sent to, as far as the URL itself can tell. Numeric hosts in any notation
 * (`0x7f.1`, `2130706433`) come out as the IP address they mean.
 *
 * @throws OutgoingError `bad-url`
 */
export function parseOutgoingUrl(text: string, isHttpsRequired: boolean): URL {
  const refuse = (problem: string) => new OutgoingError('bad-url', problem)
  if (text.length > MAX_URL_LENGTH) throw refuse(`the URL has more than ${MAX_URL_LENGTH} characters`)
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw refuse('the URL is no http:// or https:// URL')
  if (isHttpsRequired && url.protocol !== 'https:') throw refuse('the URL is no https:// URL')
  if (url.username !== '' || url.password !== '') throw refuse('the URL holds a user name or password')
  if (BAD_PORTS.has(url.port)) throw refuse(`port ${url.port} is not one of HTTP`)
  return url
}

/** The host of a URL as resolvers and certificates know it: no brackets around an IP address, no dot at the end. */
export function bareHostname(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}
