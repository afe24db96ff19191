import { STATUS_CODES } from 'node:http'
import type { ErrorMap, InputProblem } from '#core/errors.ts'
import type { Reply } from '#http/dialect.ts'

/** Our own API's errors: problem details (RFC 9457), `code` being what a program looks at. */
export const errors: ErrorMap<Reply> = {
  'invalid-input': ({ problems }) =>
    problem(422, 'invalid-input', 'The request body is not as documented.', { errors: problems.map(toWire) }),
  'invalid-parameter': ({ parameter, problem: fault }) =>
    problem(400, 'invalid-parameter', `The query parameter "${parameter}" ${fault}.`, { parameter }),
  'body-not-json': ({ problem: fault }) =>
    problem(400, 'body-not-json', `The request body must be a JSON object, but ${fault}.`),
  'body-too-large': ({ limitBytes }) =>
    problem(413, 'body-too-large', `The request body must have at most ${limitBytes} bytes.`),
  'malformed-request': ({ problem: fault }) => problem(400, 'malformed-request', `Bad request: ${fault}.`),
  unauthenticated: ({ reason }) => ({
    ...problem(401, 'unauthenticated', UNAUTHENTICATED[reason]),
    headers: { ...PROBLEM, 'www-authenticate': 'Bearer' },
  }),
  'wrong-credentials': () => problem(401, 'wrong-credentials', 'Wrong e-mail address or password.'),
  'password-wrong': () => problem(401, 'password-wrong', 'Wrong password.'),
  'two-factor-needed': () =>
    problem(
      401,
      'two-factor-needed',
      'Two-factor authentication is on: send the code of your app, or a recovery code.',
    ),
  'two-factor-wrong': () => problem(401, 'two-factor-wrong', 'This code is wrong, or was used before.'),
  'two-factor-on': () => problem(409, 'two-factor-on', 'Two-factor authentication is on already.'),
  'two-factor-off': () => problem(409, 'two-factor-off', 'Two-factor authentication is not on.'),
  'account-blocked': () => problem(403, 'account-blocked', 'This account is blocked.'),
  forbidden: ({ ability }) => problem(403, 'forbidden', `This needs the ability "${ability}".`, { ability }),
  'abilities-exceeded': ({ abilities }) =>
    problem(403, 'abilities-exceeded', `Not yours to grant: ${abilities.join(', ')}.`, { abilities }),
  'plan-required': ({ feature, plan }) =>
    problem(403, 'plan-required', `The ${plan} plan does not include this.`, { feature, plan }),
  'signup-closed': () => problem(403, 'signup-closed', 'Sign-up is closed on this server.'),
  'email-invalid': ({ problem: fault }) => invalidField('email', fault),
  'email-taken': () => problem(409, 'email-taken', 'There is an account with this e-mail address already.'),
  'password-invalid': ({ problem: fault }) => invalidField('password', fault),
  'key-not-found': () => problem(404, 'key-not-found', 'There is no such key.'),
  'link-not-found': () => problem(404, 'link-not-found', 'There is no such link.'),
  'team-not-found': () => problem(404, 'team-not-found', 'There is no such team.'),
  'target-invalid': ({ problem: fault }) => invalidField('target', fault),
  'payload-invalid': ({ problems }) =>
    problem(422, 'invalid-input', 'The payload is not as documented.', {
      errors: problems.map(({ field, problem: fault }) =>
        toWire({ field: field === '' ? 'payload' : `payload.${field}`, problem: fault }),
      ),
    }),
  'link-kind-fixed': ({ kind, wanted }) =>
    problem(409, 'link-kind-fixed', `The link is of the kind ${kind}, and cannot become ${wanted}.`, {
      kind,
      wanted,
    }),
  'slug-invalid': ({ problem: fault }) => invalidField('slug', fault),
  'slug-reserved': () => invalidField('slug', 'must not be a reserved word'),
  'slug-taken': ({ slug }) => problem(409, 'slug-taken', `The slug "${slug}" is in use.`),
  'field-invalid': ({ field, problem: fault }) => invalidField(field.replaceAll('-', '_'), fault),
  'qr-code-not-found': () => problem(404, 'qr-code-not-found', 'There is no such QR code.'),
  'qr-code-exists': () => problem(409, 'qr-code-exists', 'The link has a QR code already.'),
  'qr-style-invalid': ({ field, problem: fault }) => invalidField(field, fault),
  'surcharge-reached': ({ plan, limit, surchargeLimit }) =>
    problem(402, 'surcharge-reached', `The lookups of the ${plan} plan and its surcharge are used up.`, {
      plan,
      limit,
      surcharge_limit: surchargeLimit,
    }),
  'extra-keys-used-up': ({ limit, plan }) =>
    problem(
      402,
      'extra-keys-used-up',
      `The ${plan} plan allows ${limit} further ipgeolocation keys and request origins together.`,
      { limit, plan },
    ),
  'origin-invalid': ({ problem: fault }) => invalidField('domain', fault),
  'origin-taken': ({ domain }) =>
    problem(409, 'origin-taken', `The domain "${domain}" is registered already.`),
  'origin-not-found': () => problem(404, 'origin-not-found', 'There is no such request origin.'),
  'webhook-not-found': () => problem(404, 'webhook-not-found', 'There is no such webhook.'),
  'delivery-not-found': () => problem(404, 'delivery-not-found', 'There is no such delivery.'),
  'webhook-paused': () => problem(409, 'webhook-paused', 'The webhook is paused; resume it first.'),
  'too-many-webhooks': ({ limit }) =>
    problem(409, 'too-many-webhooks', `A team can have ${limit} webhooks; delete one first.`, { limit }),
  'file-not-found': () => problem(404, 'file-not-found', 'There is no such file.'),
  'file-too-large': ({ limitBytes }) =>
    problem(413, 'file-too-large', `A file must have at most ${limitBytes} bytes.`, { limit: limitBytes }),
  'file-quota-reached': ({ limit, quota, plan, recommendedPlan }) =>
    problem(402, 'file-quota-reached', `The files of the ${plan} plan can be at most ${limit} ${quota}.`, {
      quota,
      limit,
      plan,
      ...(recommendedPlan !== undefined && { recommended_plan: recommendedPlan }),
    }),
  'file-password-wrong': () => problem(403, 'file-password-wrong', 'Wrong password.'),
  'file-linked': ({ slug }) =>
    problem(409, 'file-linked', `The file has the link "${slug}" already.`, { slug }),
  'limit-reached': ({ metric, limit, plan, recommended }) =>
    problem(
      402,
      'limit-reached',
      `The ${plan} plan allows ${limit} ${metric} a month, and they are used up.`,
      {
        metric,
        limit,
        plan,
        ...(recommended !== undefined && { recommended_plan: recommended.name }),
      },
    ),
  'role-required': ({ role }) =>
    problem(
      403,
      'role-required',
      role === 'operator'
        ? 'Only an operator of this installation may do this.'
        : 'Only owners and admins of the team may do this.',
      { role },
    ),
  'no-subscription': ({ plan }) =>
    problem(
      409,
      'no-subscription',
      `The ${plan} plan is not paid for: there is nothing to cancel or resume.`,
    ),
  'order-not-found': () => problem(404, 'order-not-found', 'There is no such order.'),
  'order-decided': ({ status }) =>
    problem(409, 'order-decided', `The order is ${status} already.`, { order_status: status }),
  'address-invalid': ({ text }) => problem(400, 'address-invalid', `"${text}" is not an IP address.`),
  'address-special': ({ ip, purpose }) =>
    problem(422, 'address-special', `${ip} is not a public IP address: ${purpose}.`, { ip, purpose }),
  'address-unknown': ({ ip }) =>
    problem(404, 'address-unknown', `Nobody is known to announce ${ip}.`, { ip }),
  'asn-invalid': ({ text }) =>
    problem(400, 'asn-invalid', `"${text}" is not an AS number from 1 to 4294967295.`),
  'asn-unknown': ({ asn }) => problem(404, 'asn-unknown', `Nothing is known about AS${asn}.`, { asn }),
  'prefix-invalid': ({ text, problem: fault }) => problem(400, 'prefix-invalid', `"${text}" ${fault}.`),
  'network-data-loading': ({ retryAfterS }) => ({
    ...problem(503, 'network-data-loading', 'The network data is being prepared. Try again soon.', {
      retry_after: retryAfterS,
    }),
    headers: { ...PROBLEM, 'retry-after': String(retryAfterS) },
  }),
  'network-data-missing': ({ data, sources }) =>
    problem(503, 'network-data-missing', `No ${data} of networks are loaded on this server.`, { sources }),
  'rate-limited': ({ retryAfterS }) =>
    problem(429, 'rate-limited', `Too many requests. Try again in ${retryAfterS} seconds.`, {
      retry_after: retryAfterS,
    }),
}

const PROBLEM = { 'content-type': 'application/problem+json' }

const UNAUTHENTICATED = {
  missing: 'Sign in, or send a key as a Bearer token.',
  unknown: 'This key or session is not known.',
  expired: 'This key or session has expired.',
} as const

export const crash = problem(500, 'internal-error', 'Something went wrong on our side.')
export const unknownRoute = problem(404, 'not-found', 'There is nothing here.')
export const wrongMethod = problem(405, 'method-not-allowed', 'This method is not known here.')

function invalidField(field: string, fault: string): Reply {
  return problem(422, 'invalid-input', `${field} ${fault}.`, { errors: [toWire({ field, problem: fault })] })
}

function toWire({ field, problem: detail }: InputProblem) {
  return { field, detail }
}

function problem(
  status: Reply['status'],
  code: string,
  detail: string,
  facts: Readonly<Record<string, unknown>> = {},
): Reply {
  return {
    status,
    body: { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail, ...facts },
    headers: PROBLEM,
  }
}
