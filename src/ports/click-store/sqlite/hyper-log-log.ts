/** Registers of a sketch: a standard error of 0.81 %. */
export const REGISTERS = 2 ** 14
/** Ranks of a 32-bit word: 1 to 33. */
const MAX_RANK = 33

/** Count a visitor, given as two words of 32 bits, in a sketch's registers. */
export function addToSketch(registers: Uint8Array, high: number, low: number): void {
  const index = mixed(low) & (REGISTERS - 1)
  const rank = Math.clz32(mixed(high ^ Math.imul(low, 0x9e37_79b1))) + 1
  if (rank > (registers[index] ?? 0)) registers[index] = rank
}

/** Count in one sketch what another has counted. */
export function mergeSketch(into: Uint8Array, from: Uint8Array): void {
  for (let index = 0; index < REGISTERS; index++) {
    const rank = from[index] ?? 0
    if (rank > (into[index] ?? 0)) into[index] = rank
  }
}

/**
 * How many different visitors a sketch has counted, about.
 *
 * Source: O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6.
 */
export function estimateSketch(registers: Uint8Array): number {
  const counts = new Float64Array(MAX_RANK + 1)
  for (let index = 0; index < REGISTERS; index++) {
    const rank = registers[index] ?? 0
    counts[rank] = (counts[rank] ?? 0) + 1
  }
  let z = REGISTERS * tau(1 - (counts[MAX_RANK] ?? 0) / REGISTERS)
  for (let rank = MAX_RANK - 1; rank >= 1; rank--) z = 0.5 * (z + (counts[rank] ?? 0))
  z += REGISTERS * sigma((counts[0] ?? 0) / REGISTERS)
  return REGISTERS ** 2 / (2 * Math.LN2) / z
}

function sigma(share: number): number {
  if (share === 1) return Infinity
  let x = share
  let y = 1
  let z = x
  for (;;) {
    x *= x
    const before = z
    z += x * y
    y += y
    if (z === before) return z
  }
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let x = share
  let y = 1
  let z = 1 - x
  for (;;) {
    x = Math.sqrt(x)
    const before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
    if (z === before) return z / 3
  }
}

/** Spread a word's bits (the finalizer of MurmurHash3). */
export function mixed(word: number): number {
  let hash = word ^ (word >>> 16)
  hash = Math.imul(hash, 0x85eb_ca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2_ae35)
  return hash ^ (hash >>> 16)
}
