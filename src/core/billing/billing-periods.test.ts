import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { addMonths, BILLING_INTERVALS, intervalsLeft, nextAnniversary } from './billing-periods.ts'

const instant = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
const interval = fc.constantFrom(...BILLING_INTERVALS)

test.each([
  { from: '2026-01-31T10:00:00.000Z', months: 1, to: '2026-02-28T10:00:00.000Z' },
  { from: '2026-01-31T10:00:00.000Z', months: 2, to: '2026-03-31T10:00:00.000Z' },
  { from: '2028-01-31T10:00:00.000Z', months: 1, to: '2028-02-29T10:00:00.000Z' },
  { from: '2028-02-29T23:59:59.999Z', months: 12, to: '2029-02-28T23:59:59.999Z' },
  { from: '2028-02-29T23:59:59.999Z', months: 48, to: '2032-02-29T23:59:59.999Z' },
  { from: '2026-12-31T00:00:00.000Z', months: 2, to: '2027-02-28T00:00:00.000Z' },
  { from: '2026-03-31T00:00:00.000Z', months: -1, to: '2026-02-28T00:00:00.000Z' },
])('$months months from $from is $to', ({ from, months, to }) => {
  expect(addMonths(new Date(from), months).toISOString()).toBe(to)
})

test('an anniversary keeps the day and time of the anchor wherever its month has that day', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 0, max: 600 }), (anchor, months) => {
      const found = addMonths(anchor, months)
      const daysInMonth = new Date(Date.UTC(found.getUTCFullYear(), found.getUTCMonth() + 1, 0)).getUTCDate()

      expect(
        12 * (found.getUTCFullYear() - anchor.getUTCFullYear()) + found.getUTCMonth() - anchor.getUTCMonth(),
      ).toBe(months)
      expect(found.getUTCDate()).toBe(Math.min(anchor.getUTCDate(), daysInMonth))
      expect(found.toISOString().slice(11)).toBe(anchor.toISOString().slice(11))
    }),
  )
})

test('terms follow one another without gap or drift: so many of them end as many months after the anchor', () => {
  fc.assert(
    fc.property(instant, fc.array(interval, { maxLength: 40 }), (anchor, intervals) => {
      let end = anchor
      let months = 0
      for (const each of intervals) {
        const next = nextAnniversary(anchor, end, each)
        months += each === 'month' ? 1 : 12
        expect(next > end).toBe(true)
        expect(next).toEqual(addMonths(anchor, months))
        end = next
      }
    }),
  )
})

test('what is left of a term falls from 1 to 0, and from n where n are paid for', () => {
  fc.assert(
    fc.property(
      instant,
      interval,
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (anchor, each, terms, part) => {
        const ends = [anchor]
        for (let term = 0; term < terms; term++)
          ends.push(nextAnniversary(anchor, ends.at(-1) ?? anchor, each))
        const paidUntil = ends.at(-1) ?? anchor
        const left = (now: Date) => intervalsLeft({ anchor, paidUntil, interval: each }, now)

        expect(left(anchor)).toBe(terms)
        expect(left(paidUntil)).toBe(0)
        expect(left(new Date(paidUntil.getTime() + 1))).toBe(0)
        const length = paidUntil.getTime() - anchor.getTime()
        const earlier = new Date(anchor.getTime() + Math.floor((part * length) / 2))
        const later = new Date(anchor.getTime() + Math.floor(part * length))
        expect(left(earlier)).toBeGreaterThanOrEqual(left(later))
      },
    ),
  )
})
