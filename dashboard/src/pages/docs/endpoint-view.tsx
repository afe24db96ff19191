import { Hash } from 'lucide-react'
import type { Operation, Schema } from '#dash/api/openapi.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { CodeBlock } from '#dash/ui/copy.tsx'
import { InlineProse, Prose } from './prose.tsx'
import { curlOf, type Endpoint, exampleOf, fieldsOf, type Schemas, typeText } from './reference.ts'

export interface EndpointViewProps {
  readonly endpoint: Endpoint
  readonly schemas: Schemas
  readonly baseUrl: string
}

/** What an endpoint takes and answers. */
export function EndpointView({ endpoint, schemas, baseUrl }: EndpointViewProps) {
  const { id, method, path, operation } = endpoint
  const { parameters = [], requestBody } = operation
  const [[mediaType, content] = []] = Object.entries(requestBody?.content ?? {})
  const bodyFields = content?.schema && fieldsOf(content.schema, schemas)
  return (
    <article className="card endpoint" id={id} aria-labelledby={`${id}-title`}>
      <div className="endpoint-text">
        <h2 id={`${id}-title`}>
          {operation.summary}
          <a href={`#${id}`} className="endpoint-anchor" aria-label={`Link to ${operation.summary}`}>
            <Hash size={15} aria-hidden="true" />
          </a>
        </h2>
        <p className="endpoint-path">
          <span className="method" data-method={method}>
            {method}
          </span>
          <code>{path}</code>
        </p>
        {operation.description !== undefined && <Prose text={operation.description} />}
        {parameters.length > 0 && (
          <Part title="Parameters">
            <ul className="schema-fields">
              {parameters.map(({ name, in: place, required, description, schema = {} }) => (
                <Field
                  key={`${place} ${name}`}
                  name={name}
                  type={`${typeText(schema, schemas)}, ${place}`}
                  isRequired={required === true}
                  description={description}
                  fallback={schema.default}
                />
              ))}
            </ul>
          </Part>
        )}
        {requestBody !== undefined && (
          <Part title="Body" note={mediaType}>
            {requestBody.description !== undefined && <Prose text={requestBody.description} />}
            {bodyFields !== undefined && <Fields schema={bodyFields} schemas={schemas} depth={0} />}
          </Part>
        )}
        <Responses operation={operation} schemas={schemas} />
      </div>
      <div className="endpoint-examples">
        <CodeBlock text={curlOf(endpoint, schemas, baseUrl)} what={`Request of ${operation.summary}`} />
        <AnswerExample operation={operation} schemas={schemas} />
      </div>
    </article>
  )
}

interface PartProps {
  readonly title: string
  readonly note?: string | undefined
  readonly children: React.ReactNode
}

function Part({ title, note, children }: PartProps) {
  return (
    <section className="stack" data-gap="small">
      <h3>
        {title} {note !== undefined && <span className="small faint">{note}</span>}
      </h3>
      {children}
    </section>
  )
}

interface FieldProps {
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description?: string | undefined
  readonly fallback?: unknown
  readonly children?: React.ReactNode
}

function Field({ name, type, isRequired, description, fallback, children }: FieldProps) {
  return (
    <li>
      <div className="schema-field">
        <code>{name}</code>
        <span className="small soft">{type}</span>
        {isRequired && <span className="small tone-warn">required</span>}
        {fallback !== undefined && <span className="small faint">default {JSON.stringify(fallback)}</span>}
      </div>
      {description !== undefined && (
        <p className="small soft">
          <InlineProse text={description} />
        </p>
      )}
      {children}
    </li>
  )
}

interface FieldsProps {
  readonly schema: Schema
  readonly schemas: Schemas
  readonly depth: number
}

const MAX_DEPTH = 4

function Fields({ schema, schemas, depth }: FieldsProps) {
  const required = schema.required ?? []
  return (
    <ul className="schema-fields">
      {Object.entries(schema.properties ?? {}).map(([name, field]) => {
        const inner = depth < MAX_DEPTH ? fieldsOf(field, schemas) : undefined
        return (
          <Field
            key={name}
            name={name}
            type={typeText(field, schemas)}
            isRequired={depth === 0 && required.includes(name)}
            description={field.description}
            fallback={field.default}
          >
            {inner !== undefined && (
              <details className="schema-inner">
                <summary>Fields of {name}</summary>
                <Fields schema={inner} schemas={schemas} depth={depth + 1} />
              </details>
            )}
          </Field>
        )
      })}
    </ul>
  )
}

interface AnswerProps {
  readonly operation: Operation
  readonly schemas: Schemas
}

function Responses({ operation, schemas }: AnswerProps) {
  const all = Object.entries(operation.responses)
  const refusals = all.filter(([status]) => status >= '4')
  return (
    <Part title="Answers">
      <ul className="schema-fields">
        {all
          .filter(([status]) => status < '4')
          .map(([status, { description = '', content = {} }]) => {
            const fields = answerFields(content, schemas)
            return (
              <li key={status}>
                <div className="schema-field">
                  <Badge tone={status.startsWith('2') ? 'good' : 'neutral'}>{status}</Badge>
                  <span className="small soft">
                    <InlineProse text={description} />
                  </span>
                  <span className="small faint">{Object.keys(content).join(', ')}</span>
                </div>
                {fields !== undefined && (
                  <details className="schema-inner">
                    <summary>Fields of the answer</summary>
                    {/* Whether a field of an answer may be missing is said by its type. */}
                    <Fields schema={{ ...fields, required: [] }} schemas={schemas} depth={0} />
                  </details>
                )}
              </li>
            )
          })}
      </ul>
      {refusals.length > 0 && (
        <details className="schema-inner">
          <summary>Refusals and their codes</summary>
          <ul className="schema-fields">
            {refusals.map(([status, { description = '' }]) => (
              <li key={status}>
                <div className="schema-field">
                  <Badge tone="bad">{status}</Badge>
                  <span className="refusal-codes">
                    <InlineProse text={description} />
                  </span>
                </div>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Part>
  )
}

function AnswerExample({ operation, schemas }: AnswerProps) {
  for (const [status, { content = {} }] of Object.entries(operation.responses)) {
    const json = content['application/json']
    if (!status.startsWith('2') || json === undefined) continue
    const example = json.example ?? exampleOf(json.schema ?? {}, schemas)
    return <CodeBlock text={JSON.stringify(example, null, 2)} what={`Answer of ${operation.summary}`} />
  }
  return null
}

function answerFields(
  content: NonNullable<Operation['responses'][string]['content']>,
  schemas: Schemas,
): Schema | undefined {
  const schema = content['application/json']?.schema
  return schema && fieldsOf(schema, schemas)
}
