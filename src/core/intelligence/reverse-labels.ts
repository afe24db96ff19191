import { parseIp } from '#ports/geo/parse-ip.ts'

/** An address as DNS has it, the most significant part last. */
export interface ReverseLabels {
  readonly version: 4 | 6
  /** `2.0.0.127`, or 32 nibbles: to put before a zone's name. */
  readonly labels: string
}

/**
 * The labels that stand for an address in reverse DNS and in blocklists (RFC 1035 §3.5, RFC 3596 §2.5, RFC 5782 §2).
 *
 * @returns undefined for text that is no IP address; an IPv4 address in IPv6 clothing is an IPv4 address
 */
export function reverseLabels(ip: string): ReverseLabels | undefined {
  const words = new Uint32Array(4)
  const version = parseIp(ip, words)
  if (version === undefined) return undefined
  if (version === 4) {
    const value = words[3] ?? 0
    return { version, labels: [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff).join('.') }
  }
  const digits = [...words].map((word) => word.toString(16).padStart(8, '0')).join('')
  return { version, labels: Array.from(digits).toReversed().join('.') }
}
