import { expect, test } from 'bun:test'
import { heapStats } from 'bun:jsc'
import fc from 'fast-check'
import { memoryRateLimiter, type RateLimit } from './rate-limiter.ts'

const THREE_A_MINUTE: RateLimit = { name: 'test', points: 3, windowS: 60 }

/** A limiter with a clock that the test moves. */
function aLimiter(maxKeys?: number) {
  let nowMs = 5_000.5
  const limiter = memoryRateLimiter({ nowMs: () => nowMs, ...(maxKeys !== undefined && { maxKeys }) })
  return {
    limiter,
    wait: (ms: number) => void (nowMs += ms),
    take: (key: string, limit = THREE_A_MINUTE) => limiter.takeAtOnce(limit, key),
    isAllowed: (key: string, limit = THREE_A_MINUTE) => limiter.takeAtOnce(limit, key)?.allowed,
  }
}

test('a window lets so many events pass, and tells how many are left and when it ends', async () => {
  const { limiter, take, wait } = aLimiter()
  const told = { limit: 3, windowS: 60 }

  expect(take('a')).toEqual({ ...told, allowed: true, remaining: 2, resetS: 60 })
  wait(20_000)
  expect(await limiter.take(THREE_A_MINUTE, 'a')).toEqual({
    ...told,
    allowed: true,
    remaining: 1,
    resetS: 40,
  })
  expect(take('a')).toEqual({ ...told, allowed: true, remaining: 0, resetS: 40 })
  wait(39_500)
  expect(take('a')).toEqual({ ...told, allowed: false, remaining: 0, resetS: 1 })
})

test('a window begins with the first event of its key, and a new one when it is over', () => {
  const { take, isAllowed, wait } = aLimiter()

  for (let n = 0; n < 4; n++) take('a')
  wait(30_000)
  expect(take('b')?.resetS).toBe(60)
  expect(isAllowed('a')).toBe(false)
  wait(30_000)
  expect(take('a')).toMatchObject({ allowed: true, remaining: 2, resetS: 60 })
  expect(take('b')).toMatchObject({ allowed: true, remaining: 1, resetS: 30 })
})

test('a window that has just begun lasts as long as it is said to, whatever the clock shows', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (nowMs) => {
      const limiter = memoryRateLimiter({ nowMs: () => nowMs, maxKeys: 1 })
      expect(limiter.takeAtOnce(THREE_A_MINUTE, 'a')?.resetS).toBe(60)
    }),
  )
})

test('keys and limits are counted apart', () => {
  const { take, isAllowed } = aLimiter()

  for (let n = 0; n < 4; n++) take('a')
  expect(isAllowed('a')).toBe(false)
  expect(isAllowed('b')).toBe(true)
  expect(isAllowed('a', { ...THREE_A_MINUTE, name: 'other' })).toBe(true)
  expect(isAllowed('a', { ...THREE_A_MINUTE, points: 4 })).toBe(true)
  expect(isAllowed('a', { ...THREE_A_MINUTE, windowS: 61 })).toBe(true)
})

test('what is given back can be taken again; what was never taken cannot be given back', async () => {
  const { limiter, take, isAllowed, wait } = aLimiter()

  for (let n = 0; n < 3; n++) take('a')
  await limiter.giveBack(THREE_A_MINUTE, 'a')
  expect(isAllowed('a')).toBe(true)
  expect(isAllowed('a')).toBe(false)

  await limiter.giveBack(THREE_A_MINUTE, 'b')
  expect(take('b')?.remaining).toBe(2)
  await limiter.giveBack(THREE_A_MINUTE, 'b')
  await limiter.giveBack(THREE_A_MINUTE, 'b')
  expect(take('b')?.remaining).toBe(2)

  wait(60_000)
  await limiter.giveBack(THREE_A_MINUTE, 'a')
  expect(take('a')?.remaining).toBe(2)
})

test('counts are those of a list of events, whoever comes when', () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), waitMs: fc.nat({ max: 45_000 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { take, wait } = aLimiter()
      const windows = new Map<string, { readonly endsMs: number; count: number }>()
      let nowMs = 0
      for (const { key, waitMs } of steps) {
        wait(waitMs)
        nowMs += waitMs
        const open = windows.get(key)
        const window =
          open === undefined || nowMs >= open.endsMs ? { endsMs: nowMs + 60_000, count: 0 } : open
        window.count++
        windows.set(key, window)
        expect(take(key)).toMatchObject({
          allowed: window.count <= 3,
          remaining: Math.max(0, 3 - window.count),
          resetS: Math.max(1, Math.ceil((window.endsMs - nowMs) / 1000)),
        })
      }
    }),
  )
})

test('of more keys than there is room for, those that came last are counted exactly', () => {
  const { take, isAllowed } = aLimiter(100)
  const exhaust = (key: string) => {
    for (let n = 0; n < 3; n++) take(key)
  }

  exhaust('gone')
  exhaust('persistent')
  for (let n = 0; n < 300; n++) {
    exhaust(`other ${n}`)
    if (n % 50 === 0) expect(isAllowed('persistent')).toBe(false)
  }
  for (let n = 250; n < 300; n++) expect(isAllowed(`other ${n}`)).toBe(false)
  expect(isAllowed('gone')).toBe(true)
})

test('an hour of new addresses takes no more memory than a minute of them', () => {
  const { take } = aLimiter(1_000)
  const addresses = (from: number) => {
    for (let n = from; n < from + 100_000; n++) take(`2001:db8:${(n >> 16).toString(16)}:${n & 0xffff}::/64`)
  }
  const strings = () => {
    Bun.gc(true)
    return heapStats().objectTypeCounts['string'] ?? 0
  }

  addresses(0)
  const before = strings()
  addresses(100_000)
  expect(strings() - before).toBeLessThan(1_500)
})
