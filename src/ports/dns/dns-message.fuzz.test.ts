import { expect, test } from 'bun:test'
import { encode } from 'dns-packet'
import fc from 'fast-check'
import { answerOf } from '#testing/dns-server.ts'
import { decodeReply, dnsName } from './dns-message.ts'

const QUESTION = { name: 'a.example', type: 'TXT' } as const
const ID = 0x1234

const VALID = encode({
  type: 'response',
  id: ID,
  questions: [QUESTION],
  answers: [
    answerOf('a.example', 'CNAME', 'b.example'),
    answerOf('b.example', 'TXT', ['one', 'two']),
    answerOf('b.example', 'MX', { preference: 1, exchange: 'mx.b.example' }),
    answerOf('b.example', 'CAA', { flags: 128, tag: 'issue', value: 'ca.example' }),
    answerOf('b.example', 'DS', {
      keyTag: 1,
      algorithm: 13,
      digestType: 2,
      digest: Buffer.from('00', 'hex'),
    }),
    answerOf('b.example', 'AAAA', '2001:db8::1'),
  ],
  authorities: [answerOf('example', 'SOA', { mname: 'ns.example', rname: 'root.example', minimum: 5 })],
})

/** What reading comes to; that it comes to anything at all, and soon, is what is tested. */
function outcomeOf(bytes: Uint8Array): 'read' | 'passed over' | 'malformed' {
  try {
    return decodeReply(bytes, QUESTION, ID) === undefined ? 'passed over' : 'read'
  } catch (error) {
    expect(error).toBeInstanceOf(Error)
    return 'malformed'
  }
}

test('whatever arrives is read, passed over or malformed, and quickly', () => {
  const startedMs = performance.now()
  const damaged = fc
    .array(fc.tuple(fc.nat(VALID.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    .map((changes) => {
      const bytes = Uint8Array.from(VALID)
      for (const [index, byte] of changes) bytes[index] = byte
      return bytes
    })
  const cut = fc.nat(VALID.length).map((length) => Uint8Array.from(VALID.subarray(0, length)))
  const any = fc.uint8Array({ maxLength: 600 })

  fc.assert(
    fc.property(fc.oneof(damaged, cut, any), (bytes) => {
      outcomeOf(bytes)
    }),
    { numRuns: 3_000 },
  )

  expect(outcomeOf(VALID)).toBe('read')
  expect(performance.now() - startedMs).toBeLessThan(5_000)
})

test('a message that promises 65,535 records and has none is malformed at once', () => {
  const header = Uint8Array.from([0x12, 0x34, 0x81, 0x80, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])

  expect(outcomeOf(header)).toBe('malformed')
})

test('a name that can be asked for is one whatever its case, and stays itself', () => {
  fc.assert(
    fc.property(fc.domain(), (domain) => {
      const name = dnsName(domain.toUpperCase())
      expect(name).toBe(domain.toLowerCase())
      expect(dnsName(`${domain}.`)).toBe(name)
    }),
  )
})
