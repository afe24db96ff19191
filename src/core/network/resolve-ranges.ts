/** Ranges of addresses of one version, which may overlap, repeat and contain one another. Ends are included. */
export interface Intervals<Address extends number | bigint> {
  readonly first: readonly Address[]
  readonly last: readonly Address[]
  /** Above 0. */
  readonly value: readonly number[]
  /** Of two ranges the one of the higher layer counts, of one layer the smaller, of equals the earlier. */
  readonly layer: readonly number[]
}

/** The addresses from each start up to the next have one value, 0 where no range is. */
export interface Boundaries<Address extends number | bigint> {
  readonly starts: readonly Address[]
  readonly values: readonly number[]
}

/** Cut ranges into disjoint ones in the order of addresses, in n·log n steps whatever they are. */
export function resolveIpv4(intervals: Intervals<number>): Boundaries<number> {
  return resolve(intervals, (address) => address + 1, 0xffff_ffff)
}

/** {@link resolveIpv4} of IPv6 addresses as numbers of 128 bits. */
export function resolveIpv6(intervals: Intervals<bigint>): Boundaries<bigint> {
  return resolve(intervals, (address) => address + 1n, (1n << 128n) - 1n)
}

/**
 * Lay ranges over one another, in the order of addresses.
 *
 * @param visit takes each start of any of them, and what each then has; the same list every time
 */
export function layOver<Address extends number | bigint>(
  all: readonly { readonly starts: ArrayLike<Address>; readonly values: ArrayLike<number> }[],
  visit: (start: Address, values: readonly number[]) => void,
): void {
  const next = all.map(() => 0)
  const current = all.map(() => 0)
  for (;;) {
    let start: Address | undefined
    for (let at = 0; at < all.length; at++) {
      const candidate = all[at]?.starts[next[at] ?? 0]
      if (candidate !== undefined && (start === undefined || candidate < start)) start = candidate
    }
    if (start === undefined) return
    for (let at = 0; at < all.length; at++) {
      const place = next[at] ?? 0
      if (all[at]?.starts[place] !== start) continue
      current[at] = all[at]?.values[place] ?? 0
      next[at] = place + 1
    }
    visit(start, current)
  }
}

function resolve<Address extends number | bigint>(
  intervals: Intervals<Address>,
  next: (address: Address) => Address,
  max: Address,
): Boundaries<Address> {
  const { first, last, value } = intervals
  const order = byFirst(first)
  const starts: Address[] = []
  const values: number[] = []
  const open = heapOf(isStrongerIn(intervals))
  const at = (list: readonly Address[], index: number): Address => list[index] as Address
  let taken = 0
  let winner = -1
  const emit = (start: Address, index: number): void => {
    if (index === winner) return
    winner = index
    starts.push(start)
    values.push(index < 0 ? 0 : (value[index] ?? 0))
  }

  while (taken < order.length || open.size() > 0) {
    if (open.size() === 0) open.push(order[taken++] ?? 0)
    let position = at(first, open.top())
    for (;;) {
      while (taken < order.length && at(first, order[taken] ?? 0) <= position) open.push(order[taken++] ?? 0)
      while (open.size() > 0 && at(last, open.top()) < position) open.pop()
      if (open.size() === 0) {
        emit(position, -1)
        break
      }
      emit(position, open.top())
      const end = at(last, open.top())
      if (end >= max) {
        // Nothing follows the last address; what begins before it and is stronger still may.
        if (taken >= order.length) return { starts, values }
        position = at(first, order[taken] ?? 0)
        continue
      }
      position = next(end)
      if (taken < order.length && at(first, order[taken] ?? 0) < position)
        position = at(first, order[taken] ?? 0)
    }
  }
  return { starts, values }
}

function byFirst<Address extends number | bigint>(first: readonly Address[]): Uint32Array {
  const order = Uint32Array.from(first, (_, index) => index)
  let isSorted = true
  for (let i = 1; isSorted && i < first.length; i++)
    isSorted = (first[i - 1] as Address) <= (first[i] as Address)
  if (isSorted) return order
  return order.sort((a, b) => {
    const left = first[a] as Address
    const right = first[b] as Address
    return left < right ? -1 : left > right ? 1 : a - b
  })
}

function isStrongerIn<Address extends number | bigint>({ first, last, layer }: Intervals<Address>) {
  // Differences of numbers are exact here, and of bigints always.
  const size = (index: number) => ((last[index] as bigint) - (first[index] as bigint)) as Address
  return (a: number, b: number): boolean => {
    const layers = (layer[a] ?? 0) - (layer[b] ?? 0)
    if (layers !== 0) return layers > 0
    const left = size(a)
    const right = size(b)
    return left === right ? a < b : left < right
  }
}

interface Heap {
  size(): number
  /** The strongest; only of a heap that is not empty. */
  top(): number
  push(index: number): void
  pop(): void
}

function heapOf(isStronger: (a: number, b: number) => boolean): Heap {
  const items: number[] = []
  const item = (place: number): number => items[place] ?? 0
  return {
    size: () => items.length,
    top: () => item(0),
    push(index) {
      let place = items.length
      items.push(index)
      while (place > 0) {
        const parent = (place - 1) >>> 1
        if (!isStronger(index, item(parent))) break
        items[place] = item(parent)
        place = parent
      }
      items[place] = index
    },
    pop() {
      const moved = items.pop() ?? 0
      if (items.length === 0) return
      let place = 0
      for (;;) {
        let child = 2 * place + 1
        if (child >= items.length) break
        if (child + 1 < items.length && isStronger(item(child + 1), item(child))) child++
        if (!isStronger(item(child), moved)) break
        items[place] = item(child)
        place = child
      }
      items[place] = moved
    },
  }
}
