import type { OpenApiDocument, Operation, Schema } from '#dash/api/openapi.ts'

/** An operation and where it is. */
export interface Endpoint {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

export interface Section {
  readonly name: string
  readonly description: string
  readonly endpoints: readonly Endpoint[]
}

/** The document's operations by their tags, tags without any left out. */
export function sectionsOf(document: OpenApiDocument): readonly Section[] {
  const endpoints = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
  return (document.tags ?? [])
    .map(({ name, description = '' }) => ({
      name,
      description,
      endpoints: endpoints.filter(({ operation }) => operation.tags?.includes(name)),
    }))
    .filter((section) => section.endpoints.length > 0)
}

/** Sections with only what matches every word. */
export function searchSections(sections: readonly Section[], search: string): readonly Section[] {
  const words = search.trim().toLowerCase().split(/\s+/)
  return sections
    .map((section) => ({
      ...section,
      endpoints: section.endpoints.filter(({ method, path, operation }) => {
        const text = `${method} ${path} ${operation.summary} ${section.name}`.toLowerCase()
        return words.every((word) => text.includes(word))
      }),
    }))
    .filter(({ endpoints }) => endpoints.length > 0)
}

export type Schemas = Readonly<Record<string, Schema>>

/** What a schema says, references followed and parts put together. */
export function resolve(schema: Schema, schemas: Schemas): Schema {
  if (schema.$ref !== undefined) {
    const named = schemas[schema.$ref.replace('#/components/schemas/', '')]
    return named === undefined ? {} : resolve({ ...named, ...pick(schema) }, schemas)
  }
  if (schema.allOf !== undefined) {
    const parts = schema.allOf.map((part) => resolve(part, schemas))
    return {
      ...schema,
      type: 'object',
      properties: Object.assign(
        {},
        ...parts.map(({ properties }) => properties),
        schema.properties,
      ) as Record<string, Schema>,
    }
  }
  return schema
}

function pick({ description }: Schema): Schema {
  return description === undefined ? {} : { description }
}

function choicesOf(schema: Schema): readonly Schema[] | undefined {
  return schema.anyOf ?? schema.oneOf
}

/** What a value is, in words: `text`, `list of Link`, `whole number or null`. */
export function typeText(schema: Schema, schemas: Schemas): string {
  if (schema.$ref !== undefined) return schema.$ref.replace('#/components/schemas/', '')
  const choices = choicesOf(schema)
  if (choices !== undefined) return choices.map((choice) => typeText(choice, schemas)).join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ')
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  return types.map((type) => oneType(type, schema, schemas)).join(' or ') || 'anything'
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'object',
  null: 'null',
}

function oneType(type: string, schema: Schema, schemas: Schemas): string {
  if (type === 'array') return `list of ${typeText(schema.items ?? {}, schemas)}`
  if (type === 'string' && schema.format === 'date-time') return 'instant'
  if (type === 'string' && schema.format === 'binary') return 'file'
  return WORDS[type] ?? type
}

/** The object inside a schema whose fields are worth showing: of lists, that of a row. */
export function fieldsOf(schema: Schema, schemas: Schemas): Schema | undefined {
  const known = resolve(schema, schemas)
  if (known.properties !== undefined) return known
  if (known.items !== undefined) return fieldsOf(known.items, schemas)
  for (const choice of choicesOf(known) ?? []) {
    const found = fieldsOf(choice, schemas)
    if (found !== undefined) return found
  }
  return undefined
}

const MAX_DEPTH = 6

/** A value as the schema has it, to show what one looks like. */
export function exampleOf(schema: Schema, schemas: Schemas, depth = 0): unknown {
  const known = resolve(schema, schemas)
  if (known.example !== undefined) return known.example
  if (known.const !== undefined) return known.const
  if (known.enum !== undefined) return known.enum[0]
  if (known.default !== undefined) return known.default
  const choices = choicesOf(known)
  if (choices !== undefined)
    return exampleOf(choices.find(({ type }) => type !== 'null') ?? {}, schemas, depth)
  const types = typeof known.type === 'string' ? [known.type] : (known.type ?? [])
  const type = types.find((name) => name !== 'null')
  if (type === 'object') {
    if (depth >= MAX_DEPTH) return {}
    return Object.fromEntries(
      Object.entries(known.properties ?? {}).map(([name, field]) => [
        name,
        exampleOf(field, schemas, depth + 1),
      ]),
    )
  }
  if (type === 'array') return depth >= MAX_DEPTH ? [] : [exampleOf(known.items ?? {}, schemas, depth + 1)]
  if (type === 'integer' || type === 'number') return Math.max(known.minimum ?? 1, 1)
  if (type === 'boolean') return true
  if (type === 'string') return known.format === 'date-time' ? '2026-11-21T12:00:00.000Z' : 'text'
  return null
}

/** The call for a shell. */
export function curlOf({ method, path, operation }: Endpoint, schemas: Schemas, baseUrl: string): string {
  const query = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query' && parameter.required === true)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(String(exampleOf(schema ?? {}, schemas)))}`)
  const url = `${baseUrl}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`
  const isPlain = /^[\w:/.-]+$/.test(url)
  const [[mediaType, content] = []] = Object.entries(operation.requestBody?.content ?? {})
  const isPublic = operation.security?.length === 0
  const parts = [
    `curl${method === 'GET' || (method === 'POST' && mediaType !== undefined) ? '' : ` -X ${method}`} ${isPlain ? url : `'${url}'`}`,
    ...(isPublic ? [] : [`-H 'Authorization: Bearer YOUR_KEY'`]),
    ...bodyParts(mediaType, content?.schema, schemas),
  ]
  return parts.join(' \\\n  ')
}

function bodyParts(mediaType: string | undefined, schema: Schema | undefined, schemas: Schemas): string[] {
  if (mediaType === undefined) return []
  if (mediaType === 'multipart/form-data') return [`-F 'file=@report.pdf'`]
  const type = `-H 'Content-Type: ${mediaType}'`
  if (schema === undefined || !mediaType.includes('json')) return [type, `--data-binary @FILE`]
  const known = resolve(schema, schemas)
  const required = new Set(known.required ?? [])
  const example = exampleOf(schema, schemas)
  // What can be left out is left out, unless nothing would be left.
  const body =
    required.size > 0 && typeof example === 'object' && example !== null
      ? Object.fromEntries(Object.entries(example).filter(([name]) => required.has(name)))
      : example
  return [type, `-d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`]
}
