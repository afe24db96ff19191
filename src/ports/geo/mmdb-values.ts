import type { PagedFile } from './paged-file.ts'

/** What a record consists of. Whole numbers beyond 2^53 lose their last digits; byte strings are left out. */
export type MmdbValue = string | number | boolean | undefined | readonly MmdbValue[] | MmdbMap
export interface MmdbMap {
  readonly [key: string]: MmdbValue
}

/** Records have dozens of values; a damaged one must not be read for ever. */
const MAX_VALUES = 4096
const MAX_DEPTH = 32
const MAX_KEYS = 1024
const MAX_UINT_BYTES = 16

const POINTER = 1
const TEXT = 2
const DOUBLE = 3
const UINT16 = 5
const UINT32 = 6
const MAP = 7
const INT32 = 8
const UINT64 = 9
const UINT128 = 10
const ARRAY = 11
const BOOLEAN = 14
const FLOAT = 15

/** What a pointer counts from, by the number of its bytes. */
const POINTER_STARTS = [0, 0, 2048, 526_336, 0]

/**
 * A function that decodes what stands at a place of a database; pointers in it count from byte `pointerBase`. Of a map
 * it returns the wanted keys, or all. Whatever the bytes are, it neither throws nor goes on for long; what is damaged is
 * undefined or empty.
 *
 * Source: MaxMind DB File Format Specification 2.0, "Output Data Section".
 */
export function mmdbDecoder(
  file: PagedFile,
  pointerBase: number,
): (place: number, wanted?: ReadonlySet<string>) => MmdbValue {
  const scratch = new DataView(new ArrayBuffer(8))
  /** By place: a key is written once, and every record points to it. */
  const keys = new Map<number, string>()
  let at = 0
  let valuesLeft = 0

  function decode(depth: number, wanted?: ReadonlySet<string>): MmdbValue {
    if (valuesLeft-- <= 0 || depth > MAX_DEPTH) return undefined
    const control = uint(1)
    const type = control >>> 5 || uint(1) + 7
    if (type === POINTER) return decodeAt(pointerTarget(control), depth + 1, wanted)
    const size = sizeOf(control & 31)
    return type === MAP ? map(size, depth, wanted) : sized(type, size, depth)
  }

  function decodeAt(place: number, depth: number, wanted?: ReadonlySet<string>): MmdbValue {
    const next = at
    at = place
    const value = decode(depth, wanted)
    at = next
    return value
  }

  /** Go past a value; what it points to stands elsewhere. */
  function skip(): void {
    if (valuesLeft-- <= 0) return
    const control = uint(1)
    const type = control >>> 5 || uint(1) + 7
    if (type === POINTER) {
      pointerTarget(control)
      return
    }
    const size = sizeOf(control & 31)
    if (type === MAP || type === ARRAY) {
      for (let i = type === MAP ? 2 * size : size; i > 0 && valuesLeft > 0; i--) skip()
    } else if (type !== BOOLEAN) at += size
  }

  function pointerTarget(control: number): number {
    const size = ((control >>> 3) & 3) + 1
    const high = size === 4 ? 0 : (control & 7) * 256 ** size
    return pointerBase + high + uint(size) + (POINTER_STARTS[size] ?? 0)
  }

  function sizeOf(short: number): number {
    if (short < 29) return short
    if (short === 29) return 29 + uint(1)
    return short === 30 ? 285 + uint(2) : 65_821 + uint(3)
  }

  function sized(type: number, size: number, depth: number): MmdbValue {
    if (type === ARRAY) return array(size, depth)
    if (type === BOOLEAN) return size === 1
    const start = at
    at += size
    if (at > file.sizeBytes) return undefined
    switch (type) {
      case TEXT:
        return file.text(start, size)
      case UINT16:
      case UINT32:
        return size <= 4 ? file.uint(start, size) : undefined
      case UINT64:
      case UINT128:
        return wide(start, size)
      case INT32:
        return size <= 4 ? file.uint(start, size) | 0 : undefined
      case DOUBLE:
        scratch.setUint32(0, file.uint(start, 4))
        scratch.setUint32(4, file.uint(start + 4, 4))
        return size === 8 ? scratch.getFloat64(0) : undefined
      case FLOAT:
        scratch.setUint32(0, file.uint(start, 4))
        return size === 4 ? scratch.getFloat32(0) : undefined
      default:
        return undefined
    }
  }

  function map(size: number, depth: number, wanted?: ReadonlySet<string>): MmdbMap {
    // Without a prototype, so that no key is special.
    const values: Record<string, MmdbValue> = Object.create(null)
    for (let i = 0; i < size && valuesLeft > 0; i++) {
      const key = keyOfMap(depth + 1)
      if (key !== undefined && wanted?.has(key) !== false) values[key] = decode(depth + 1)
      else skip()
    }
    return values
  }

  function keyOfMap(depth: number): string | undefined {
    const control = uint(1)
    if (control >>> 5 !== POINTER) {
      at--
      return textOf(decode(depth))
    }
    const place = pointerTarget(control)
    const known = keys.get(place)
    if (known !== undefined) return known
    const key = textOf(decodeAt(place, depth))
    if (key !== undefined && keys.size < MAX_KEYS) keys.set(place, key)
    return key
  }

  function array(size: number, depth: number): MmdbValue[] {
    const values: MmdbValue[] = []
    for (let i = 0; i < size && valuesLeft > 0; i++) values.push(decode(depth + 1))
    return values
  }

  function uint(size: number): number {
    at += size
    return file.uint(at - size, size)
  }

  function wide(start: number, size: number): number | undefined {
    if (size > MAX_UINT_BYTES) return undefined
    let value = 0
    for (let i = start; i < start + size; i++) value = value * 256 + file.uint(i, 1)
    return value
  }

  return (place, wanted) => {
    at = place
    valuesLeft = MAX_VALUES
    return decode(0, wanted)
  }
}

function textOf(value: MmdbValue): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Whether a value has named parts. */
export function isMmdbMap(value: MmdbValue): value is MmdbMap {
  return typeof value === 'object' && !Array.isArray(value)
}
