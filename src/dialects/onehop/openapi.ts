import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import { type Endpoint, type MediaTypes, TAGS } from './endpoint.ts'
import { Problem, PROBLEM_STATUS, type ProblemCode } from './wire/problem.ts'

/** A JSON value of the document. */
type Json = Readonly<Record<string, unknown>>

/** Where the endpoints are. */
export const API_PREFIX = '/api/v2'

/** The document of some endpoints, in OpenAPI 3.1.1. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): Json {
  const components = new Components()
  const paths: Record<string, Record<string, Json>> = {}
  for (const endpoint of endpoints) {
    const path = (paths[API_PREFIX + endpoint.path] ??= {})
    path[endpoint.method.toLowerCase()] = operation(endpoint, components)
  }
  components.schema(Problem, 'output')
  return {
    openapi: '3.1.1',
    info: {
      title: 'Onehop',
      version,
      summary: 'Short links, click analytics, QR codes, files and network intelligence.',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This installation' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }, { apiKey: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key of any form, or a JWT.' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'An API key.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'onehop_session',
          description:
            'The session of a browser; `__Host-onehop_session` over HTTPS. What changes something must then come from this site (`Sec-Fetch-Site`, or `Origin`). A key in a header is looked at first.',
        },
      },
      schemas: components.schemas,
    },
  }
}

const DESCRIPTION = `JSON, names in snake_case, instants in ISO 8601, UTC.

**Failures** are problem details (RFC 9457, \`application/problem+json\`). A program looks at \`code\`; \`detail\` is for people and may change.

**Lists** answer \`{data, next_cursor}\`. \`next_cursor\` goes into \`cursor\` for the next page, and is null at the end.

**Trying again**: whatever creates something takes \`Idempotency-Key\`, up to 255 visible ASCII characters of the client's choice. Within 24 hours the same request with the same key is answered as the first one was, with \`Idempotent-Replayed: true\`, and creates nothing more.`

/** Schemas that have a name, each once. */
class Components {
  readonly schemas: Record<string, Json> = {}

  /** A schema for a place in the document: what has a name becomes a reference. */
  schema(schema: z.ZodType, io: 'input' | 'output'): Json {
    const {
      $schema: _,
      $defs,
      ...rest
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' }) as Json & {
      readonly $defs?: Readonly<Record<string, Json>>
    }
    for (const [name, definition] of Object.entries($defs ?? {}))
      this.schemas[name] = withReferences(definition)
    return withReferences(rest)
  }
}

/** References as the document's, and no ids: within a document they would be addresses. */
function withReferences(value: Json): Json {
  return convert(value, undefined) as Json

  function convert(inner: unknown, key: string | undefined): unknown {
    if (Array.isArray(inner)) return inner.map((item) => convert(item, undefined))
    if (typeof inner === 'object' && inner !== null)
      return Object.fromEntries(
        Object.entries(inner)
          .filter(([name, text]) => !(name === 'id' && typeof text === 'string' && key !== 'properties'))
          .map(([name, child]) => [name, convert(child, name)]),
      )
    return key === '$ref' && typeof inner === 'string'
      ? inner.replace('#/$defs/', '#/components/schemas/')
      : inner
  }
}

function operation(endpoint: Endpoint, components: Components): Json {
  const { access } = endpoint
  const isPublic = access === 'public'
  return {
    operationId: operationId(endpoint),
    summary: endpoint.summary,
    ...(describe(endpoint) !== '' && { description: describe(endpoint) }),
    tags: [endpoint.tag],
    ...(isPublic ? { security: [] } : { 'x-ability': access === 'own-account' ? 'user:write' : access }),
    ...parametersOf(endpoint, components),
    ...requestBody(endpoint, components),
    responses: responses(endpoint, components),
  }
}

/** `getLinksLink` of `GET /links/{link}`. */
function operationId({ method, path }: Endpoint): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function describe({ description, access }: Endpoint): string {
  const needs =
    access === 'public'
      ? 'Needs no credential.'
      : access === 'signed-in'
        ? ''
        : access === 'operator'
          ? 'For operators of the installation.'
          : access === 'own-account'
            ? 'Needs the ability `user:write`, and no role in the team.'
            : `Needs the ability \`${access}\`.`
  return [description, needs].filter((part) => part !== undefined && part !== '').join('\n\n')
}

function parametersOf(endpoint: Endpoint, components: Components): Json {
  const inPath = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...describedAs((endpoint.parameters as Readonly<Record<string, string>> | undefined)?.[name]),
    schema: { type: 'string' },
  }))
  const inQuery = Object.entries(endpoint.query ?? {}).map(([name, field]) => {
    const schema = field as z.ZodType
    return {
      name,
      in: 'query',
      required: !schema.safeParse(undefined).success,
      ...describedAs(schema.meta()?.description),
      schema: components.schema(schema, 'output'),
    }
  })
  const headers = {
    ...(endpoint.creates !== undefined && {
      'Idempotency-Key': `Chosen by the client: ${endpoint.creates} is then created once, however often it is asked for.`,
    }),
    ...endpoint.headers,
  }
  const inHeader = Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }))
  const parameters = [...inPath, ...inQuery, ...inHeader]
  return parameters.length === 0 ? {} : { parameters }
}

function describedAs(description: string | undefined): Json {
  return description === undefined ? {} : { description }
}

function requestBody({ body, streamedBody }: Endpoint, components: Components): Json {
  if (streamedBody !== undefined) {
    const { mediaType, description, schema } = streamedBody
    const content = {
      [mediaType]: { schema: schema === undefined ? {} : components.schema(schema, 'input') },
    }
    return { requestBody: { required: true, description, content } }
  }
  if (body === undefined) return {}
  return {
    requestBody: {
      required: true,
      content: { 'application/json': { schema: components.schema(body, 'input') } },
    },
  }
}

function responses(endpoint: Endpoint, components: Components): Json {
  const status = endpoint.status ?? 200
  const answer = endpoint.answer && {
    'application/json': {
      schema: components.schema(endpoint.answer, 'output'),
      ...(endpoint.example !== undefined && { example: endpoint.example }),
    },
  }
  const content = { ...answer, ...contentOf(endpoint.mediaTypes ?? {}, components) }
  const found: Record<number, Json> = {
    [status]: {
      description: STATUS_CODES[status] ?? '',
      ...(Object.keys(content).length > 0 && { content }),
      ...(endpoint.creates !== undefined && { headers: REPLAYED }),
    },
  }
  for (const [code, { description, mediaTypes }] of Object.entries(endpoint.otherAnswers ?? {}))
    found[Number(code)] = { description, ...(mediaTypes && { content: contentOf(mediaTypes, components) }) }
  for (const [code, refusal] of refusals(endpoint))
    // A status can be refused with in two ways.
    found[code] =
      found[code] === undefined
        ? refusal
        : {
            ...found[code],
            content: { ...(found[code]['content'] as Json), ...(refusal['content'] as Json) },
          }
  return found
}

const REPLAYED = {
  'Idempotent-Replayed': {
    description: '`true` when this is the answer to an earlier request with the same Idempotency-Key.',
    schema: { const: 'true' },
  },
}

function contentOf(mediaTypes: MediaTypes, components: Components): Json {
  return Object.fromEntries(
    Object.entries(mediaTypes).map(([mediaType, schema]) => [
      mediaType,
      schema === undefined ? {} : { schema: components.schema(schema, 'output') },
    ]),
  )
}

/** One response for each status that something refuses with, its codes listed. */
function refusals(endpoint: Endpoint): readonly (readonly [number, Json])[] {
  const codes = [...new Set([...generalProblems(endpoint), ...(endpoint.problems ?? [])])]
  const byStatus = Map.groupBy(codes, (code) => PROBLEM_STATUS[code])
  return [...byStatus]
    .toSorted(([a], [b]) => a - b)
    .map(([status, names]) => [
      status,
      {
        description: names.map((name) => `\`${name}\``).join(', '),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [{ $ref: '#/components/schemas/Problem' }],
              properties: { status: { const: status }, code: { enum: names } },
            },
          },
        },
      },
    ])
}

/** What every endpoint of a kind can refuse with. */
function generalProblems(endpoint: Endpoint): readonly ProblemCode[] {
  const { access, body, streamedBody, query, creates, method } = endpoint
  const hasBody = body !== undefined || streamedBody !== undefined
  return [
    'malformed-request',
    ...(access === 'public' ? [] : (['unauthenticated', 'account-blocked'] as const)),
    ...(access === 'public' || access === 'signed-in' ? [] : (['forbidden'] as const)),
    ...(access === 'operator' ? (['role-required'] as const) : []),
    ...(method === 'GET' ? [] : (['cross-site'] as const)),
    ...(query === undefined ? [] : (['invalid-parameter'] as const)),
    ...(hasBody ? (['body-not-json', 'body-too-large', 'invalid-input'] as const) : []),
    ...(creates === undefined ? [] : (['idempotency-key-reused', 'idempotency-key-busy'] as const)),
    'internal-error',
  ]
}
