import { expect, test } from 'bun:test'
import { DnsError } from '#ports/dns/dns-error.ts'
import { TlsProbeError } from '#ports/tls-probe/tls-probe-error.ts'
import { LookupParts } from './lookup-parts.ts'
import { RegistrationError } from './registration.ts'

/** Settles when the signal aborts, with what it aborts with. */
function heeding(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}

test('a part that fails is missing and named, and the others are there', async () => {
  using parts = new LookupParts(1_000)

  const found = await Promise.all([
    parts.do('reverse-dns', 500, () => Promise.resolve('dns.google')),
    parts.do('dns-records', 500, () => Promise.reject(new DnsError('unreachable', 'nobody there'))),
    parts.do('certificate', 500, () => Promise.reject(new TlsProbeError('no-tls', 'no TLS'))),
    parts.do('registration', 500, () => Promise.reject(new RegistrationError('too-many', 'later'))),
  ])

  expect(found).toEqual(['dns.google', undefined, undefined, undefined])
  expect(parts.failures).toEqual([
    { part: 'dns-records', reason: 'unreachable' },
    { part: 'certificate', reason: 'no-tls' },
    { part: 'registration', reason: 'too-many' },
  ])
})

test('a part has until its own deadline, or that of all', async () => {
  using parts = new LookupParts(60)
  const startedMs = performance.now()

  await Promise.all([
    parts.do('certificate', 10, heeding),
    parts.do('registration', 10_000, heeding),
    parts.do('dns-records', 10_000, (signal) =>
      heeding(signal).catch(() => Promise.reject(new DnsError('aborted', 'no longer wanted'))),
    ),
  ])

  expect(performance.now() - startedMs).toBeLessThan(200)
  expect(parts.failures).toEqual([
    { part: 'certificate', reason: 'timeout' },
    { part: 'registration', reason: 'timeout' },
    { part: 'dns-records', reason: 'timeout' },
  ])
  expect(await parts.do('reverse-dns', 10_000, heeding)).toBeUndefined()
})

test('what a part has when its time is over counts, if it comes at once', async () => {
  using parts = new LookupParts(20)

  const found = await parts.do('ip-blocklists', 10_000, (signal) => heeding(signal).catch(() => 'half of it'))

  expect(found).toBe('half of it')
  expect(parts.failures).toEqual([])
})

test('a part that does not heed its deadline is left behind', async () => {
  using parts = new LookupParts(10)
  const startedMs = performance.now()

  expect(await parts.do('certificate', 10_000, () => new Promise(() => {}))).toBeUndefined()

  expect(performance.now() - startedMs).toBeLessThan(1_000)
  expect(parts.failures).toEqual([{ part: 'certificate', reason: 'timeout' }])
})

test('a bug is none of the ways in which a part fails', () => {
  using parts = new LookupParts(1_000)

  expect(
    parts.do('certificate', 100, () => Promise.reject(new TypeError('undefined is no function'))),
  ).rejects.toThrow(TypeError)
})
