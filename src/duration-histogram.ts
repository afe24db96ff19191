import type { Metric, Registry } from 'prom-client'

export interface DurationHistogramOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  /** Upper bounds in seconds, in their order. */
  readonly buckets: readonly number[]
}

/** The durations of one set of labels. */
interface Series {
  readonly values: readonly (string | number)[]
  readonly labels: Readonly<Record<string, string | number>>
  /** How many fell into each bucket alone; those beyond all of them last. */
  readonly counts: Float64Array
  sumSeconds: number
}

/**
 * A histogram that counts in plain numbers and is written out by prom-client: that one's own takes over a microsecond for
 * each value, as much as everything else that is noted of an answer.
 */
export class DurationHistogram {
  readonly #options: DurationHistogramOptions
  readonly #series = new Map<string, Series>()
  /** Of the last value: most that come after another have the same labels. */
  #last: Series | undefined

  constructor(options: DurationHistogramOptions, registry: Registry) {
    this.#options = options
    const metric = { name: options.name, reset: () => this.#reset(), get: async () => this.#collect() }
    // The registry asks no more of a metric than this.
    registry.registerMetric(metric as unknown as Metric)
  }

  /** @param labels a value for each name, few in all */
  observe(labels: readonly (string | number)[], seconds: number): void {
    const series = this.#seriesOf(labels)
    const { buckets } = this.#options
    let bucket = 0
    while (bucket < buckets.length && seconds > (buckets[bucket] ?? 0)) bucket++
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1
    series.sumSeconds += seconds
  }

  #seriesOf(values: readonly (string | number)[]): Series {
    const last = this.#last
    if (last !== undefined && isSame(last.values, values)) return last
    const key = values.join(' ')
    return (this.#last = this.#series.get(key) ?? this.#add(key, values))
  }

  #reset(): void {
    this.#series.clear()
    this.#last = undefined
  }

  #add(key: string, values: readonly (string | number)[]): Series {
    const { labelNames, buckets } = this.#options
    const labels = Object.fromEntries(labelNames.map((name, index) => [name, values[index] ?? '']))
    const series = { values, labels, counts: new Float64Array(buckets.length + 1), sumSeconds: 0 }
    this.#series.set(key, series)
    return series
  }

  #collect() {
    const { name, help, buckets } = this.#options
    const values = [...this.#series.values()].flatMap(({ labels, counts, sumSeconds }) => {
      let sum = 0
      const cumulated = Array.from(counts, (count, index) => {
        sum += count
        return {
          value: sum,
          metricName: `${name}_bucket`,
          labels: { le: buckets[index] ?? '+Inf', ...labels },
        }
      })
      return [
        ...cumulated,
        { value: sumSeconds, metricName: `${name}_sum`, labels },
        { value: sum, metricName: `${name}_count`, labels },
      ]
    })
    return { name, help, type: 'histogram', aggregator: 'sum', values }
  }
}

function isSame(values: readonly unknown[], others: readonly unknown[]): boolean {
  for (let index = 0; index < values.length; index++) if (values[index] !== others[index]) return false
  return true
}
