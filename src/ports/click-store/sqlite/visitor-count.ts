import { addToSketch, estimateSketch, mergeSketch, mixed, REGISTERS } from './hyper-log-log.ts'

/** Up to so many visitors are counted one by one. */
const MAX_EXACT = 8192
const SLOTS = 4 * MAX_EXACT

/** Counts different visitors: exactly while they are few and come one by one, in a sketch otherwise. */
export class VisitorCount {
  #high: Uint32Array | undefined
  #low: Uint32Array | undefined
  #used: Uint8Array | undefined
  #count = 0
  #registers: Uint8Array | undefined

  /** Count the visitors of rows, those that are marked 0 in `selected` left out. */
  add(high: Uint32Array, low: Uint32Array, selected: Uint8Array | undefined): void {
    for (let row = 0; row < high.length; row++) {
      if (selected !== undefined && selected[row] === 0) continue
      if (this.#registers === undefined) this.#addExact(high[row] ?? 0, low[row] ?? 0)
      else addToSketch(this.#registers, high[row] ?? 0, low[row] ?? 0)
    }
  }

  addSketch(registers: Uint8Array): void {
    mergeSketch(this.#sketch(), registers)
  }

  total(): number {
    return this.#registers === undefined ? this.#count : Math.round(estimateSketch(this.#registers))
  }

  #addExact(high: number, low: number): void {
    const highs = (this.#high ??= new Uint32Array(SLOTS))
    const lows = (this.#low ??= new Uint32Array(SLOTS))
    const used = (this.#used ??= new Uint8Array(SLOTS))
    let slot = mixed(high ^ Math.imul(low, 0x9e37_79b1)) & (SLOTS - 1)
    while (used[slot] === 1) {
      if (highs[slot] === high && lows[slot] === low) return
      slot = (slot + 1) & (SLOTS - 1)
    }
    used[slot] = 1
    highs[slot] = high
    lows[slot] = low
    this.#count++
    if (this.#count > MAX_EXACT) this.#sketch()
  }

  /** The sketch, which takes over what was counted one by one. */
  #sketch(): Uint8Array {
    if (this.#registers !== undefined) return this.#registers
    const registers = new Uint8Array(REGISTERS)
    const { highs, lows, used } = { highs: this.#high, lows: this.#low, used: this.#used }
    if (highs !== undefined && lows !== undefined && used !== undefined)
      for (let slot = 0; slot < SLOTS; slot++)
        if (used[slot] === 1) addToSketch(registers, highs[slot] ?? 0, lows[slot] ?? 0)
    this.#registers = registers
    return registers
  }
}
