/** Parts of a record that were asked for: `all` of it, or some of its fields. */
export type Selection = 'all' | ReadonlyMap<string, Selection>

/** What a record consists of: fields that hold a value or a list of values are `true`. */
export interface Shape {
  readonly [field: string]: true | Shape
}

/** A record, or what is inside one. */
export type Value = string | readonly Value[] | ValueRecord

/** Fields and what they hold, in the order in which they are shown. */
export interface ValueRecord {
  readonly [field: string]: Value
}

/** Which parts of a record an answer shows. */
export interface FieldFilter {
  /** Undefined: everything. */
  readonly fields: Selection | undefined
  readonly excludes: Selection | undefined
}

/**
 * Read a list of fields in dot notation. Fields that the shape does not have are left out; an object beside one of its
 * fields counts whole.
 *
 * @returns undefined for a blank list
 */
export function parseSelection(list: string, shape: Shape): Selection | undefined {
  if (list === '') return undefined
  const paths = list.split(',').map((path) => path.trim())
  if (paths.every((path) => path === '')) return undefined
  const root = new Map<string, Selection>()
  for (const path of paths) {
    const names = path.split('.')
    if (isIn(shape, names)) select(root, names)
  }
  return root
}

/**
 * What is left of a record.
 *
 * Contract: "If the same field or object is specified in both `fields` and `excludes`, the object is still returned, but
 * it will be empty."
 */
export function filterFields(record: ValueRecord, { fields, excludes }: FieldFilter): ValueRecord {
  const kept = fields === undefined || fields === 'all' ? record : pickFields(record, fields)
  return excludes === undefined || excludes === 'all' ? kept : omitFields(kept, excludes, fields)
}

function isIn(shape: Shape, names: readonly string[]): boolean {
  let inner: true | Shape | undefined = shape
  for (const name of names) {
    if (inner === true || inner === undefined || !Object.hasOwn(inner, name)) return false
    inner = inner[name]
  }
  return true
}

function select(root: Map<string, Selection>, names: readonly string[]): void {
  const [name = '', ...rest] = names
  const known = root.get(name)
  if (known === 'all') return
  if (rest.length === 0) {
    root.set(name, 'all')
    return
  }
  const inner = new Map(known)
  select(inner, rest)
  root.set(name, inner)
}

function pick(value: Value, selection: Selection): Value {
  if (selection === 'all' || typeof value === 'string') return value
  return isList(value) ? value.map((item) => pick(item, selection)) : pickFields(value, selection)
}

function pickFields(record: ValueRecord, selection: ReadonlyMap<string, Selection>): ValueRecord {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, inner]) => {
      const part = selection.get(name)
      return part === undefined ? [] : [[name, pick(inner, part)]]
    }),
  )
}

/** @param asked what was asked for of this value by name; what is excluded by the same name is emptied, not removed */
function omit(value: Value, excluded: Selection, asked: Selection | undefined): Value {
  if (typeof value === 'string') return value
  if (isList(value)) return excluded === 'all' ? [] : value.map((item) => omit(item, excluded, asked))
  return excluded === 'all' ? {} : omitFields(value, excluded, asked)
}

function omitFields(
  record: ValueRecord,
  excluded: ReadonlyMap<string, Selection>,
  asked: Selection | undefined,
): ValueRecord {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, inner]) => {
      const exclusion = excluded.get(name)
      if (exclusion === undefined) return [[name, inner]]
      const request = asked === undefined || asked === 'all' ? undefined : asked.get(name)
      const isGone = exclusion === 'all' && (request !== 'all' || typeof inner === 'string')
      return isGone ? [] : [[name, omit(inner, exclusion, request)]]
    }),
  )
}

/** Whether a value is a list; `Array.isArray` does not know that it may be read-only. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}
