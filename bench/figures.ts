/** The middle of some numbers, between the two in the middle where their count is even. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[(sorted.length >> 1) - 1] ?? Number.NaN)) / 2
}

/** A number without decimals: `31,685`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
