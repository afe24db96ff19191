/** An array of numbers of 32 bits that grows. */
export class GrowingColumn {
  #numbers = new Uint32Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Uint32Array(this.#numbers.length * 2)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[this.#length++] = value
  }

  at(index: number): number {
    return this.#numbers[index] ?? 0
  }

  last(): number {
    return this.#numbers[this.#length - 1] ?? 0
  }

  replaceLast(value: number): void {
    this.#numbers[this.#length - 1] = value
  }

  array(): Uint32Array {
    return this.#numbers.subarray(0, this.#length)
  }
}
