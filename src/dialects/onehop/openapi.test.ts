import { expect, test } from 'bun:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { documentedAnswers } from '#testing/documented-answers.ts'
import { testApp } from '#testing/test-app.ts'

/** The part of a document that is looked at. */
interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: {
    readonly content: Record<string, { readonly schema?: { readonly examples?: readonly unknown[] } }>
  }
  readonly responses: Readonly<
    Record<string, { content?: Record<string, { schema?: object; example?: unknown }> }>
  >
}

async function readDocument() {
  await using app = await testApp()
  const response = await app.request('/openapi.json')
  return { response, document: await response.json() }
}

test('the document is served to everybody, and names what it uses', async () => {
  const { response, document } = await readDocument()
  const text = JSON.stringify(document)
  const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = '']) => reference)
  const operations: Operation[] = Object.values<Record<string, Operation>>(document.paths).flatMap(
    (methods) => Object.values(methods),
  )

  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(document.openapi).toBe('3.1.1')
  expect(operations.length).toBeGreaterThan(30)
  for (const reference of references) {
    const name = reference.replace('#/components/schemas/', '')
    expect(document.components.schemas).toHaveProperty([name])
  }
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const tags = document.tags.map(({ name }: { name: string }) => name)
  for (const { tags: used } of operations) expect(tags).toContain(used[0])
})

test('every schema is a JSON Schema, every parameter of a path is described, and every example is true', async () => {
  const { document } = await readDocument()
  const ajv = new Ajv2020({ strict: false })
  ajvFormats.default(ajv)
  const { components } = document

  for (const name of Object.keys(components.schemas))
    ajv.compile({ $ref: `#/components/schemas/${name}`, components })
  for (const [path, methods] of Object.entries<Record<string, Operation>>(document.paths))
    for (const operation of Object.values(methods)) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? [])
      for (const { schema } of Object.values(operation.requestBody?.content ?? {}))
        for (const example of schema?.examples ?? [])
          expect([path, example, ajv.validate({ ...schema, components }, example)]).toEqual([
            path,
            example,
            true,
          ])
      for (const { content = {} } of Object.values(operation.responses))
        for (const { schema, example } of Object.values(content))
          if (schema !== undefined && example !== undefined)
            expect(ajv.validate({ ...schema, components }, example)).toBe(true)
    }
})

test('an answer that is not as documented is found', async () => {
  const { document } = await readDocument()
  const answers = documentedAnswers(document)
  const problem = { type: 'about:blank', title: 'x', status: 404, detail: 'x' }
  const asProblem = { status: 404, headers: { 'content-type': 'application/problem+json' } }
  const check = (path: string, response: Response) => answers.check('GET', `/api/v2${path}`, response)

  await check('/webhooks/x', Response.json({ ...problem, code: 'webhook-not-found' }, asProblem))
  expect(check('/webhooks/x', Response.json({ id: 'x' }))).rejects.toThrow('is not as documented')
  expect(
    check('/webhooks/x', Response.json({ ...problem, code: 'link-not-found' }, asProblem)),
  ).rejects.toThrow('is not as documented')
  expect(check('/webhooks/x', new Response(null, { status: 204 }))).rejects.toThrow('is not documented')
  expect(check('/nowhere', Response.json({}))).rejects.toThrow('is not documented')
})
