import { expect, test } from 'bun:test'
import { Histogram, Registry } from 'prom-client'
import { DurationHistogram } from './duration-histogram.ts'

const OPTIONS = {
  name: 'took_seconds',
  help: 'How long.',
  labelNames: ['api', 'status'],
  buckets: [0.01, 0.1, 1],
}

test('durations are written out exactly as by the histogram of prom-client', async () => {
  const [ours, theirs] = [new Registry(), new Registry()]
  const histogram = new DurationHistogram(OPTIONS, ours)
  const reference = new Histogram({ ...OPTIONS, registers: [theirs] })

  for (const [api, status, seconds] of [
    ['lnk7', 200, 0],
    ['lnk7', 200, 0.01],
    ['lnk7', 404, 0.0100001],
    ['lnk7', 200, 0.5],
    ['lynk', 200, 7],
    ['a"b\\c', 200, 1],
  ] as const) {
    histogram.observe([api, status], seconds)
    reference.observe({ api, status }, seconds)
  }

  expect(await ours.metrics()).toBe(await theirs.metrics())
})

test('a histogram that nothing was told to has no series', async () => {
  const registry = new Registry()
  new DurationHistogram(OPTIONS, registry)

  expect(await registry.metrics()).toBe('# HELP took_seconds How long.\n# TYPE took_seconds histogram\n')
})
