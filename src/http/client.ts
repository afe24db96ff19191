import { isIP } from 'node:net'
import { parseIpv4 } from '#ports/geo/parse-ip.ts'

/** Who sent a request. */
export interface Client {
  /** The address: the connection's or, behind trusted proxies, the one they saw. */
  readonly ip: string
  /** What the client is limited by: an IPv4 address, or the /64 an IPv6 address is in. */
  readonly limitKey: string
}

/**
 * The client of a request.
 *
 * @param socketIp the connection's other end
 * @param trustedProxies how many proxies in front append to `X-Forwarded-For` and may be believed; with 0 the
 *   header is ignored, and with more than it names the leftmost is taken
 */
export function clientOf(headers: Headers, socketIp: string, trustedProxies: number): Client {
  return clientAt(clientIp(headers.get('x-forwarded-for') ?? '', socketIp, trustedProxies))
}

/** The client that has an address. */
export function clientAt(ip: string): Client {
  return { ip, limitKey: ip.includes(':') && isIP(ip) === 6 ? prefix64(ip) : ip }
}

/** The address alone of {@link clientOf}, by what `X-Forwarded-For` says; empty where there is none. */
export function clientIp(forwardedFor: string, socketIp: string, trustedProxies: number): string {
  return plainAddress(trustedProxies === 0 ? socketIp : forwardedIp(forwardedFor, socketIp, trustedProxies))
}

/** An IPv4 address that arrived as `::ffff:192.0.2.1` in its own notation. */
export function plainAddress(ip: string): string {
  if (!ip.startsWith(':')) return ip
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip
}

function forwardedIp(forwardedFor: string, socketIp: string, trustedProxies: number): string {
  let client = ''
  let end = forwardedFor.length
  // The last entry was seen by the nearest proxy, the one before by the proxy before it.
  for (let seen = 0; seen < trustedProxies && end > 0;) {
    const comma = forwardedFor.lastIndexOf(',', end - 1)
    const entry = withoutPort(forwardedFor.slice(comma + 1, end).trim())
    end = comma
    if (entry === '') continue
    client = entry
    seen++
  }
  return parseIpv4(client) >= 0 || isIP(client) !== 0 ? client : socketIp
}

/** `[2001:db8::1]:443` and `192.0.2.1:443` without brackets and port. */
function withoutPort(entry: string): string {
  if (!entry.includes(':')) return entry
  const bracketed = /^\[([^\]]+)\]/.exec(entry)
  if (bracketed?.[1] !== undefined) return bracketed[1]
  return /^[\d.]+:\d+$/.test(entry) ? entry.slice(0, entry.indexOf(':')) : entry
}

/** The first four groups of an IPv6 address, written out. */
function prefix64(ip: string): string {
  const [head = '', tail] = ip.replace(/%.*$/, '').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array<string>(Math.max(0, missing)).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
