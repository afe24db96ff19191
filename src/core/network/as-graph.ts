import type { Column, Columns } from '#ports/network/flat-file.ts'
import { GrowingColumn } from './growing-column.ts'
import { placeOf } from './place-of.ts'
import type { AsLinkRow } from './sources/rows.ts'

/** The relations of one version of IP: what each system has for providers, customers and peers. */
export interface AsGraphBuilder {
  readonly size: number
  add(row: AsLinkRow): void
  /** A system that buys transit from nobody, by the file's own head. */
  addToClique(asn: number): void
  /** How many systems a cone has that was observed, in place of our estimate. */
  setCone(asn: number, size: number): void
  visitSystems(visit: (asn: number) => void): void
  /** How many customers a system has. */
  customersOf(asn: number): number
  columns(name: string): ReadonlyMap<string, Column>
}

/** How a relation was seen. */
const SEEN = [undefined, 'bgp', 'mlp', 'bgp,mlp'] as const

/** The three kinds of neighbours of a system lie behind one another. */
const KINDS = 3
const PROVIDERS = 0
const CUSTOMERS = 1
const PEERS = 2
const NO_CUSTOMERS = new Uint32Array()

/**
 * A customer with at least this many customers of its own, more than its provider has, is not believed to be one for its
 * provider's cone: such relations are wrongly inferred, and one of them makes a cone of thousands (decision 12).
 */
const SUSPECT_CUSTOMERS = 20

/** Relations that are followed for cones: half a second's work, and 25 times what those of the world take. */
const MAX_CONE_STEPS = 50_000_000

export function asGraphBuilder(): AsGraphBuilder {
  const left = new GrowingColumn()
  const right = new GrowingColumn()
  /** Bit 0: in BGP, bit 1: in multilateral peering, bit 2: transit. */
  const kind = new GrowingColumn()
  const clique = new Set<number>()
  const observed = new Map<number, number>()
  let built: Built | undefined
  const graph = () => (built ??= build(left.array(), right.array(), kind.array()))

  return {
    get size() {
      return left.length
    },
    add({ left: a, right: b, relation, isInBgp, isInMlp }) {
      if (a === b) return
      left.push(a)
      right.push(b)
      kind.push((isInBgp ? 1 : 0) | (isInMlp ? 2 : 0) | (relation === 'transit' ? 4 : 0))
    },
    addToClique: (asn) => clique.add(asn),
    setCone: (asn, size) => observed.set(asn, size),
    visitSystems(visit) {
      for (const asn of graph().systems) visit(asn)
    },
    customersOf(asn) {
      const { systems, at } = graph()
      const system = placeOf(systems, asn)
      return system < 0 ? 0 : countAt(at, system, CUSTOMERS)
    },
    columns(name) {
      const { systems, at, neighbours, seen } = graph()
      const cones = observed.size > 0 ? observedCones(systems, observed) : estimatedCones(graph(), clique)
      return new Map<string, Column>([
        [`${name}system`, systems],
        [`${name}at`, at],
        [`${name}neighbour`, neighbours],
        [`${name}seen`, seen],
        [`${name}cone`, cones],
      ])
    },
  }
}

interface Built {
  /** By number. */
  readonly systems: Uint32Array
  /** Where in `neighbours` each system's providers, customers and peers begin, three places a system. */
  readonly at: Uint32Array
  readonly neighbours: Uint32Array
  readonly seen: Uint8Array
}

function build(left: Uint32Array, right: Uint32Array, kind: Uint32Array): Built {
  const systems = distinct(left, right)
  const placeOfAsn = new Map<number, number>()
  for (const [place, asn] of systems.entries()) placeOfAsn.set(asn, place)
  const a = left.map((asn) => placeOfAsn.get(asn) ?? 0)
  const b = right.map((asn) => placeOfAsn.get(asn) ?? 0)

  const at = new Uint32Array(systems.length * KINDS + 1)
  const visit = (each: (slot: number, asn: number, seen: number) => void): void => {
    for (let link = 0; link < kind.length; link++) {
      const bits = kind[link] ?? 0
      const isTransit = (bits & 4) !== 0
      each((a[link] ?? 0) * KINDS + (isTransit ? CUSTOMERS : PEERS), right[link] ?? 0, bits & 3)
      each((b[link] ?? 0) * KINDS + (isTransit ? PROVIDERS : PEERS), left[link] ?? 0, bits & 3)
    }
  }
  visit((slot) => {
    at[slot + 1] = (at[slot + 1] ?? 0) + 1
  })
  for (let slot = 0; slot < systems.length * KINDS; slot++)
    at[slot + 1] = (at[slot + 1] ?? 0) + (at[slot] ?? 0)
  const next = at.slice()
  const packed = new Float64Array(at.at(-1) ?? 0)
  visit((slot, asn, seen) => {
    const place = next[slot] ?? 0
    packed[place] = asn * 4 + seen
    next[slot] = place + 1
  })
  // A relation that two sources tell stands twice; the neighbour is one.
  const ends = at.slice()
  let length = 0
  for (let slot = 0; slot < systems.length * KINDS; slot++) {
    const part = packed.subarray(ends[slot] ?? 0, ends[slot + 1] ?? 0).sort()
    at[slot] = length
    let previous = -1
    for (let i = 0; i < part.length; i++) {
      const value = part[i] ?? 0
      const asn = Math.floor(value / 4)
      if (asn === previous) packed[length - 1] = asn * 4 + (((packed[length - 1] ?? 0) % 4) | (value % 4))
      else packed[length++] = value
      previous = asn
    }
  }
  at[systems.length * KINDS] = length
  return {
    systems,
    at,
    neighbours: Uint32Array.from(packed.subarray(0, length), (value) => value / 4),
    seen: Uint8Array.from(packed.subarray(0, length), (value) => value % 4),
  }
}

function distinct(left: Uint32Array, right: Uint32Array): Uint32Array {
  const all = new Uint32Array(left.length + right.length)
  all.set(left)
  all.set(right, left.length)
  all.sort()
  let length = 0
  for (let i = 0; i < all.length; i++) if (i === 0 || all[i] !== all[length - 1]) all[length++] = all[i] ?? 0
  return all.slice(0, length)
}

function observedCones(systems: Uint32Array, observed: ReadonlyMap<number, number>): Uint32Array {
  return systems.map((asn) => observed.get(asn) ?? 1)
}

/**
 * How many systems can be reached from each along customers of customers, itself included, without the relations of
 * {@link SUSPECT_CUSTOMERS}. In a file that was made to take for ever, those that are not counted after
 * {@link MAX_CONE_STEPS} have the sum of their customers' cones.
 */
function estimatedCones({ systems, at, neighbours }: Built, clique: ReadonlySet<number>): Uint32Array {
  const customersOf = Array.from(systems, (asn, system): Uint32Array => {
    const customers = neighbours.subarray(at[system * KINDS + CUSTOMERS], at[system * KINDS + CUSTOMERS + 1])
    const places = customers.map((customer) => placeOf(systems, customer))
    if (clique.has(asn)) return places
    const own = places.length
    return places.filter((place) => {
      const theirs = countAt(at, place, CUSTOMERS)
      return theirs < SUSPECT_CUSTOMERS || theirs <= own
    })
  })
  const cones = new Uint32Array(systems.length)
  const visitedBy = new Int32Array(systems.length).fill(-1)
  const queue = new Uint32Array(systems.length)
  let steps = 0
  for (let system = 0; system < systems.length && steps < MAX_CONE_STEPS; system++) {
    let length = 1
    queue[0] = system
    visitedBy[system] = system
    for (let done = 0; done < length; done++) {
      // By number: the runtime's iterators of typed arrays take ten times as long, and this is millions of steps.
      const customers = customersOf[queue[done] ?? 0] ?? NO_CUSTOMERS
      steps += customers.length
      for (let i = 0; i < customers.length; i++) {
        const customer = customers[i] ?? 0
        if (visitedBy[customer] === system) continue
        visitedBy[customer] = system
        queue[length++] = customer
      }
    }
    cones[system] = length
  }
  if (steps >= MAX_CONE_STEPS) sumUpCones(cones, customersOf)
  return cones
}

/** Give every system without a cone the sum of those of its customers, which counts what two of them share twice. */
function sumUpCones(cones: Uint32Array, customersOf: readonly Uint32Array[]): void {
  /** For each system how many of its customers were looked at, and one more. */
  const looked = new Uint32Array(cones.length)
  const path = new Uint32Array(cones.length)
  for (let start = 0; start < cones.length; start++) {
    if (cones[start] !== 0) continue
    let depth = 0
    path[0] = start
    while (depth >= 0) {
      const system = path[depth] ?? 0
      const customers = customersOf[system] ?? NO_CUSTOMERS
      const at = looked[system] ?? 0
      if (at < customers.length) {
        looked[system] = at + 1
        const customer = customers[at] ?? 0
        // One that was begun and has no cone is on the path itself: the relations go in a circle.
        if (cones[customer] === 0 && looked[customer] === 0) path[++depth] = customer
        continue
      }
      let size = 1
      for (let i = 0; i < customers.length; i++) size += cones[customers[i] ?? 0] ?? 0
      cones[system] = Math.min(size, cones.length)
      depth--
    }
  }
}

function countAt(at: Uint32Array, system: number, kind: number): number {
  return Math.max(0, (at[system * KINDS + kind + 1] ?? 0) - (at[system * KINDS + kind] ?? 0))
}

export interface NeighbourNumbers {
  readonly asn: number
  readonly seen: (typeof SEEN)[number]
}

/** One graph of an open file. */
export interface Graph {
  counts(asn: number): { readonly providers: number; readonly customers: number; readonly peers: number }
  providers(asn: number): NeighbourNumbers[]
  customers(asn: number): NeighbourNumbers[]
  peers(asn: number): NeighbourNumbers[]
  /** The size of its customer cone; 1, itself, for a system without customers. */
  cone(asn: number): number
}

/** @returns undefined when the file has no such graph */
export function readGraph(columns: Columns, name: string): Graph | undefined {
  const systems = columns.u32(`${name}system`)
  if (systems.length === 0) return undefined
  const at = columns.u32(`${name}at`)
  const neighbours = columns.u32(`${name}neighbour`)
  const seen = columns.u8(`${name}seen`)
  const cones = columns.u32(`${name}cone`)
  const list = (asn: number, kind: number): NeighbourNumbers[] => {
    const system = placeOf(systems, asn)
    if (system < 0) return []
    const found: NeighbourNumbers[] = []
    const end = Math.min(at[system * KINDS + kind + 1] ?? 0, neighbours.length)
    for (let i = at[system * KINDS + kind] ?? 0; i < end; i++)
      found.push({ asn: neighbours[i] ?? 0, seen: SEEN[seen[i] ?? 0] })
    return found
  }
  return {
    counts(asn) {
      const system = placeOf(systems, asn)
      if (system < 0) return { providers: 0, customers: 0, peers: 0 }
      return {
        providers: countAt(at, system, PROVIDERS),
        customers: countAt(at, system, CUSTOMERS),
        peers: countAt(at, system, PEERS),
      }
    },
    providers: (asn) => list(asn, PROVIDERS),
    customers: (asn) => list(asn, CUSTOMERS),
    peers: (asn) => list(asn, PEERS),
    cone: (asn) => cones[placeOf(systems, asn)] ?? 1,
  }
}
