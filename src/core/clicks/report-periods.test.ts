import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { periodBoundaries, REPORT_UNITS } from './report-periods.ts'

const iso = (boundaries: readonly number[]) => boundaries.map((ms) => new Date(ms).toISOString().slice(0, 16))

test.each([
  ['minute', 2, ['2028-02-29T12:33', '2028-02-29T12:34', '2028-02-29T12:35']],
  ['hour', 2, ['2028-02-29T11:00', '2028-02-29T12:00', '2028-02-29T13:00']],
  ['day', 2, ['2028-02-28T00:00', '2028-02-29T00:00', '2028-03-01T00:00']],
  // 29 February 2028 is a Tuesday.
  ['week', 2, ['2028-02-21T00:00', '2028-02-28T00:00', '2028-03-06T00:00']],
  ['month', 3, ['2027-12-01T00:00', '2028-01-01T00:00', '2028-02-01T00:00', '2028-03-01T00:00']],
] as const)('the last periods by %s on a leap day', (unit, units, expected) => {
  expect(iso(periodBoundaries({ unit, units }, new Date('2028-02-29T12:34:56.789Z')))).toEqual([...expected])
})

test('a month further back never skips a short month', () => {
  expect(iso(periodBoundaries({ unit: 'month', units: 3 }, new Date('2026-03-31T23:59:59Z')))).toEqual([
    '2026-01-01T00:00',
    '2026-02-01T00:00',
    '2026-03-01T00:00',
    '2026-04-01T00:00',
  ])
})

test('boundaries ascend, and the last period has the present instant', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...REPORT_UNITS),
      fc.integer({ min: 1, max: 365 }),
      fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      (unit, units, now) => {
        const boundaries = periodBoundaries({ unit, units }, now)
        const [start = 0, end = 0] = boundaries.slice(-2)
        return (
          boundaries.length === units + 1 &&
          boundaries.every((ms, index) => index === 0 || ms > (boundaries[index - 1] ?? Infinity)) &&
          start <= now.getTime() &&
          now.getTime() < end
        )
      },
    ),
  )
})

test.each([0, -1, 366, 1.5, Number.NaN])('%d units are refused', (units) => {
  expect(() => periodBoundaries({ unit: 'day', units }, new Date())).toThrow(
    expect.objectContaining({ code: 'field-invalid' }),
  )
})
