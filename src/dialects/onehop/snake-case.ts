/** A value with its keys, at any depth, in snake_case: `fullName` is `full_name`. What is undefined is left out. */
export function toSnakeCase(value: unknown): unknown {
  return withKeys(value, snakeCase)
}

/** A value with its keys in camelCase, as core names them. */
export function toCamelCase(value: unknown): unknown {
  return withKeys(value, (key) => key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))
}

/** A name of core's as it is on the wire; dots between names stay. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function withKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withKeys(item, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [rename(key), withKeys(inner, rename)]),
  )
}
