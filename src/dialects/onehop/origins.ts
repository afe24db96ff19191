import { z } from 'zod'
import { parseRootDomain, type RequestOrigin } from '#core/accounts/request-origin.ts'
import { addOrigin, listOrigins, removeOrigin } from '#core/accounts/request-origins.ts'
import { endpoint } from './endpoint.ts'
import { Origin, OriginNew } from './wire/origins.ts'

/** Domains whose pages may ask the ipgeolocation API without a key. */
export const originEndpoints = [
  endpoint({
    method: 'GET',
    path: '/origins',
    summary: 'Request origins of the team',
    description: 'Domains whose pages may ask the ipgeolocation API without a key.',
    tag: 'Keys',
    access: 'user:read',
    answer: z.object({ origins: z.array(Origin) }),
    handle: async ({ ctx }) => ({ origins: (await listOrigins(ctx)).map(toWire) }),
  }),
  endpoint({
    method: 'POST',
    path: '/origins',
    summary: 'Register a request origin',
    description: 'A root domain such as `example.com`, by the Public Suffix List. For owners and admins.',
    tag: 'Keys',
    access: 'user:write',
    body: OriginNew,
    creates: 'the origin',
    status: 201,
    answer: Origin,
    problems: ['role-required', 'origin-taken', 'extra-keys-used-up', 'plan-required'],
    handle: async ({ ctx, body }) => toWire(await addOrigin(ctx, parseRootDomain(body.domain))),
  }),
  endpoint({
    method: 'DELETE',
    path: '/origins/{id}',
    summary: 'Remove a request origin',
    tag: 'Keys',
    access: 'user:write',
    status: 204,
    problems: ['role-required', 'origin-not-found'],
    handle: ({ ctx, params }) => removeOrigin(ctx, params.id),
  }),
]

function toWire({ id, domain, createdAt }: RequestOrigin): Origin {
  return { id, domain, created_at: createdAt.toISOString() }
}
