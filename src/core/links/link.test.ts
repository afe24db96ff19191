import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DomainError } from '#core/errors.ts'
import { secureRandom } from '#core/random.ts'
import { isSlug, parseSlug, parseTargetUrl, parseTitle } from './link.ts'

test.each([
  ['https://example.com', 'https://example.com'],
  ['  https://example.com/a?b=c#d ', 'https://example.com/a?b=c#d'],
  ['HTTP://Example.com/%41', 'HTTP://Example.com/%41'],
  ['https://bücher.example/ä?ö#ü', 'https://xn--bcher-kva.example/%C3%A4?%C3%B6#%C3%BC'],
  ['https://аррӏе.com/', 'https://xn--80ak6aa92e.com/'],
  ['http://[2001:db8::1]:8080/', 'http://[2001:db8::1]:8080/'],
  ['https://example.com/a b', 'https://example.com/a%20b'],
  ['https://example.com\\@evil.example', 'https://example.com/@evil.example'],
])('the target %s is kept as %s', (text, kept) => {
  expect(parseTargetUrl(text)).toBe(kept as never)
})

test('whatever is typed, a target that is accepted is a plain http(s) URL without credentials, and stays one', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl(),
        fc.string({ unit: 'binary' }),
        fc.string().map((text) => `https://${text}`),
      ),
      (text) => {
        let target: string
        try {
          target = parseTargetUrl(text)
        } catch (error) {
          return error instanceof DomainError && error.code === 'target-invalid'
        }
        const url = new URL(target)
        return (
          /^https?:$/.test(url.protocol) &&
          url.username === '' &&
          url.password === '' &&
          /^[!-~]+$/.test(target) &&
          parseTargetUrl(target) === target
        )
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a slug that is accepted stands in a path as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 70 }), (text) => {
      if (!isSlug(text)) return true
      return new URL(`https://example.com/${text}`).pathname === `/${text}`
    }),
  )
  for (const slug of ['promo', 'A-b_9', 'x', 'a'.repeat(64)]) expect(parseSlug(slug)).toBe(slug as never)
  for (const slug of ['', 'a b', 'é', '.', '..', 'a.b', 'a/b', 'a%2Fb', 'a'.repeat(65)])
    expect(() => parseSlug(slug)).toThrow(expect.objectContaining({ code: 'slug-invalid' }))
  for (const slug of ['api', 'API', 'v1', 'Docs', 'healthz', 'l'])
    expect(() => parseSlug(slug)).toThrow(expect.objectContaining({ code: 'slug-reserved' }))
})

test('a title has at most 200 characters and no control characters', () => {
  expect(parseTitle(' Promo 🎉 ')).toBe('Promo 🎉')
  expect(parseTitle('🎉'.repeat(200))).toHaveLength(400)
  for (const title of ['x'.repeat(201), 'a\nb', 'a\u0007b'])
    expect(() => parseTitle(title)).toThrow(expect.objectContaining({ code: 'field-invalid' }))
})

test('random slugs use every character about equally often', () => {
  const counts = new Map<string, number>()
  for (const character of secureRandom.base62(62_000)) counts.set(character, (counts.get(character) ?? 0) + 1)
  expect(counts.size).toBe(62)
  // Six standard deviations of a fair draw.
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(190)
})
