import { expect, test } from 'bun:test'
import { BodyBuffer } from './ready-answer.ts'

test('a body of any length is put together whole, one after the other', () => {
  const body = new BodyBuffer()
  for (const lengths of [[], [1, 32, 33], [4_096], [4_000, 200, 1], [100_000, 7]]) {
    const parts = lengths.map((length, part) => Buffer.alloc(length + 2, 97 + part))
    body.clear()
    for (const part of parts) body.append(part, 1, part.length - 1)

    const expected = Buffer.concat(parts.map((part) => part.subarray(1, -1)))
    expect(body.length).toBe(expected.length)
    expect(body.bytes.subarray(0, body.length).equals(expected)).toBe(true)
  }
})
