import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'

/** What is looked at of an OpenAPI document. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: object
}

interface OpenApiOperation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >
}

/** Finds what an API answers beside what its document says. */
export interface DocumentedAnswers {
  /** @throws Error when the answer of a documented endpoint is not as documented */
  check(method: string, path: string, response: Response): Promise<void>
}

/** Statuses that say that the endpoint was not reached; they are documented for the API as a whole. */
const BEFORE_ENDPOINTS = new Set([400, 404, 405])

/** A checker of the answers of one document. */
export function documentedAnswers(document: OpenApiDocument): DocumentedAnswers {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajvFormats.default(ajv)
  const routes = Object.keys(document.paths).map((template) => ({
    template,
    parameters: template.match(/\{/g)?.length ?? 0,
    pattern: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }))
  // What is named outright goes before what a parameter matches.
  routes.sort((a, b) => a.parameters - b.parameters)
  const validators = new Map<string, ValidateFunction>()

  function validatorOf(where: string, schema: object): ValidateFunction {
    const known = validators.get(where)
    if (known !== undefined) return known
    const made = ajv.compile({ ...schema, components: document.components })
    validators.set(where, made)
    return made
  }

  return {
    async check(method, path, response) {
      const verb = method.toLowerCase()
      const route = routes.find(
        ({ pattern, template }) => pattern.test(path) && document.paths[template]?.[verb] !== undefined,
      )
      const operation = route && document.paths[route.template]?.[verb]
      if (route === undefined || operation === undefined) {
        if (method === 'OPTIONS' || method === 'HEAD' || BEFORE_ENDPOINTS.has(response.status)) return
        throw new Error(`${method} ${path} answers ${response.status} and is not documented`)
      }
      const where = `${method} ${route.template} ${response.status}`
      const documented = operation.responses[String(response.status)]
      const mediaType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? ''
      if (documented === undefined)
        throw new Error(`${where} is not documented: ${await response.clone().text()}`)
      if (documented.content === undefined) {
        if (mediaType !== '') throw new Error(`${where} has ${mediaType}, which is not documented`)
        return
      }
      const content = documented.content[mediaType]
      if (content === undefined) throw new Error(`${where} has ${mediaType}, which is not documented`)
      if (content.schema === undefined || !mediaType.endsWith('json')) return
      const text = await response.clone().text()
      const isLines = mediaType === 'application/x-ndjson'
      const values = isLines ? text.split('\n').filter((line) => line !== '') : [text]
      const validate = validatorOf(`${where} ${mediaType}`, content.schema)
      for (const value of values)
        if (!validate(JSON.parse(value)))
          throw new Error(`${where} is not as documented: ${ajv.errorsText(validate.errors)}\n${value}`)
    },
  }
}
