import { STATUS_CODES } from 'node:http'
import type { ErrorMap, InputProblem } from '#core/errors.ts'
import type { Reply } from '#http/dialect.ts'
import { snakeCase } from './snake-case.ts'
import { PROBLEM_STATUS, type ProblemCode } from './wire/problem.ts'

/** Our own API's errors: problem details (RFC 9457), `code` being what a program looks at. */
export const errors: ErrorMap<Reply> = {
  'invalid-input': ({ problems }) =>
    problem('invalid-input', 'The request body is not as documented.', { errors: problems.map(toWire) }),
  'invalid-parameter': ({ parameter, problem: fault }) =>
    problem('invalid-parameter', `The query parameter "${parameter}" ${fault}.`, { parameter }),
  'body-not-json': ({ problem: fault }) =>
    problem('body-not-json', `The request body must be a JSON object, but ${fault}.`),
  'body-too-large': ({ limitBytes }) =>
    problem('body-too-large', `The request body must have at most ${limitBytes} bytes.`),
  'malformed-request': ({ problem: fault }) => problem('malformed-request', `Bad request: ${fault}.`),
  unauthenticated: ({ reason }) => ({
    ...problem('unauthenticated', UNAUTHENTICATED[reason]),
    headers: { ...PROBLEM, 'www-authenticate': 'Bearer' },
  }),
  'wrong-credentials': () => problem('wrong-credentials', 'Wrong e-mail address or password.'),
  'password-wrong': () => problem('password-wrong', 'Wrong password.'),
  'two-factor-needed': () =>
    problem(
      'two-factor-needed',
      'Two-factor authentication is on: send the code of your app, or a recovery code.',
    ),
  'two-factor-wrong': () => problem('two-factor-wrong', 'This code is wrong, or was used before.'),
  'two-factor-on': () => problem('two-factor-on', 'Two-factor authentication is on already.'),
  'two-factor-off': () => problem('two-factor-off', 'Two-factor authentication is not on.'),
  'account-blocked': () => problem('account-blocked', 'This account is blocked.'),
  forbidden: ({ ability }) => problem('forbidden', `This needs the ability "${ability}".`, { ability }),
  'abilities-exceeded': ({ abilities }) =>
    problem('abilities-exceeded', `Not yours to grant: ${abilities.join(', ')}.`, { abilities }),
  'plan-required': ({ feature, plan }) =>
    problem('plan-required', `The ${plan} plan does not include this.`, { feature, plan }),
  'signup-closed': () => problem('signup-closed', 'Sign-up is closed on this server.'),
  'email-invalid': ({ problem: fault }) => invalidField('email', fault),
  'email-taken': () => problem('email-taken', 'There is an account with this e-mail address already.'),
  'password-invalid': ({ problem: fault }) => invalidField('password', fault),
  'key-not-found': () => problem('key-not-found', 'There is no such key.'),
  'link-not-found': () => problem('link-not-found', 'There is no such link.'),
  'team-not-found': () => problem('team-not-found', 'There is no such team.'),
  'team-personal': () =>
    problem('team-personal', 'This is a personal team: nobody else can be in it, and it cannot be deleted.'),
  'too-many-teams': ({ limit }) =>
    problem('too-many-teams', `One account can own ${limit} shared teams.`, { limit }),
  'too-many-members': ({ limit }) =>
    problem('too-many-members', `A team can have ${limit} members and invitations together.`, { limit }),
  'member-not-found': () => problem('member-not-found', 'There is no such member.'),
  'member-exists': ({ email }) => problem('member-exists', `${email} is in the team already.`, { email }),
  'last-owner': () => problem('last-owner', 'A team keeps an owner: make somebody else one first.'),
  'invitation-not-found': () =>
    problem('invitation-not-found', 'There is no such invitation, or it is not valid any more.'),
  'invitation-of-another': ({ email }) =>
    problem('invitation-of-another', `This invitation is for ${email}: sign in with that address.`, {
      email,
    }),
  'session-not-found': () => problem('session-not-found', 'There is no such session.'),
  'session-required': () =>
    problem('session-required', 'Only a session can be switched to another team; a key stays in its own.'),
  'password-reset-invalid': () =>
    problem('password-reset-invalid', 'This link was used, or is too old. Ask for another one.'),
  'user-not-found': () => problem('user-not-found', 'There is no such account.'),
  'last-operator': () =>
    problem('last-operator', 'The installation keeps an operator: make somebody else one first.'),
  'data-update-busy': () =>
    problem('data-update-busy', 'An update is under way, or this server cannot make one.'),
  'target-invalid': ({ problem: fault }) => invalidField('target', fault),
  'payload-invalid': ({ problems }) =>
    problem('invalid-input', 'The payload is not as documented.', {
      errors: problems.map(({ field, problem: fault }) =>
        toWire({ field: field === '' ? 'payload' : `payload.${snakeCase(field)}`, problem: fault }),
      ),
    }),
  'link-kind-fixed': ({ kind, wanted }) =>
    problem('link-kind-fixed', `The link is of the kind ${kind}, and cannot become ${wanted}.`, {
      kind,
      wanted,
    }),
  'slug-invalid': ({ problem: fault }) => invalidField('slug', fault),
  'slug-reserved': () => invalidField('slug', 'must not be a reserved word'),
  'slug-taken': ({ slug }) => problem('slug-taken', `The slug "${slug}" is in use.`),
  'field-invalid': ({ field, problem: fault }) => invalidField(field.replaceAll('-', '_'), fault),
  'qr-code-not-found': () => problem('qr-code-not-found', 'There is no such QR code.'),
  'qr-code-exists': () => problem('qr-code-exists', 'The link has a QR code already.'),
  'qr-style-invalid': ({ field, problem: fault }) => invalidField(snakeCase(field), fault),
  'surcharge-reached': ({ plan, limit, surchargeLimit }) =>
    problem('surcharge-reached', `The lookups of the ${plan} plan and its surcharge are used up.`, {
      plan,
      limit,
      surcharge_limit: surchargeLimit,
    }),
  'extra-keys-used-up': ({ limit, plan }) =>
    problem(
      'extra-keys-used-up',
      `The ${plan} plan allows ${limit} further ipgeolocation keys and request origins together.`,
      { limit, plan },
    ),
  'origin-invalid': ({ problem: fault }) => invalidField('domain', fault),
  'origin-taken': ({ domain }) => problem('origin-taken', `The domain "${domain}" is registered already.`),
  'origin-not-found': () => problem('origin-not-found', 'There is no such request origin.'),
  'webhook-not-found': () => problem('webhook-not-found', 'There is no such webhook.'),
  'delivery-not-found': () => problem('delivery-not-found', 'There is no such delivery.'),
  'webhook-paused': () => problem('webhook-paused', 'The webhook is paused; resume it first.'),
  'too-many-webhooks': ({ limit }) =>
    problem('too-many-webhooks', `A team can have ${limit} webhooks; delete one first.`, { limit }),
  'file-not-found': () => problem('file-not-found', 'There is no such file.'),
  'file-too-large': ({ limitBytes }) =>
    problem('file-too-large', `A file must have at most ${limitBytes} bytes.`, { limit: limitBytes }),
  'file-quota-reached': ({ limit, quota, plan, recommendedPlan }) =>
    problem('file-quota-reached', `The files of the ${plan} plan can be at most ${limit} ${quota}.`, {
      quota,
      limit,
      plan,
      ...(recommendedPlan !== undefined && { recommended_plan: recommendedPlan }),
    }),
  'file-password-wrong': () => problem('file-password-wrong', 'Wrong password.'),
  'file-linked': ({ slug }) => problem('file-linked', `The file has the link "${slug}" already.`, { slug }),
  'limit-reached': ({ metric, limit, plan, recommended }) =>
    problem('limit-reached', `The ${plan} plan allows ${limit} ${metric} a month, and they are used up.`, {
      metric,
      limit,
      plan,
      ...(recommended !== undefined && { recommended_plan: recommended.name }),
    }),
  'role-required': ({ role }) => problem('role-required', ROLE_REQUIRED[role], { role }),
  'no-subscription': ({ plan }) =>
    problem('no-subscription', `The ${plan} plan is not paid for: there is nothing to cancel or resume.`),
  'order-not-found': () => problem('order-not-found', 'There is no such order.'),
  'order-decided': ({ status }) =>
    problem('order-decided', `The order is ${status} already.`, { order_status: status }),
  'address-invalid': ({ text }) => problem('address-invalid', `"${text}" is not an IP address.`),
  'address-special': ({ ip, purpose }) =>
    problem('address-special', `${ip} is not a public IP address: ${purpose}.`, { ip, purpose }),
  'address-unknown': ({ ip }) => problem('address-unknown', `Nobody is known to announce ${ip}.`, { ip }),
  'asn-invalid': ({ text }) => problem('asn-invalid', `"${text}" is not an AS number from 1 to 4294967295.`),
  'asn-unknown': ({ asn }) => problem('asn-unknown', `Nothing is known about AS${asn}.`, { asn }),
  'prefix-invalid': ({ text, problem: fault }) => problem('prefix-invalid', `"${text}" ${fault}.`),
  'network-data-loading': ({ retryAfterS }) => ({
    ...problem('network-data-loading', 'The network data is being prepared. Try again soon.', {
      retry_after: retryAfterS,
    }),
    headers: { ...PROBLEM, 'retry-after': String(retryAfterS) },
  }),
  'network-data-missing': ({ data, sources }) =>
    problem('network-data-missing', `No ${data} of networks are loaded on this server.`, { sources }),
  'cross-site': () => problem('cross-site', 'Requests that change something must come from this site.'),
  'precondition-failed': () => problem('precondition-failed', 'It was changed in the meantime.'),
  'idempotency-key-reused': () =>
    problem('idempotency-key-reused', 'This idempotency key was used for another request.'),
  'idempotency-key-busy': () =>
    problem('idempotency-key-busy', 'The first request with this idempotency key is not done yet.'),
  'too-many-streams': ({ limit }) =>
    problem('too-many-streams', `A team can follow ${limit} streams at a time.`, { limit }),
  'rate-limited': ({ retryAfterS }) =>
    problem('rate-limited', `Too many requests. Try again in ${retryAfterS} seconds.`, {
      retry_after: retryAfterS,
    }),
}

const PROBLEM = { 'content-type': 'application/problem+json' }

const ROLE_REQUIRED = {
  owner: 'Only owners of the team may do this.',
  admin: 'Only owners and admins of the team may do this.',
  operator: 'Only an operator of this installation may do this.',
} as const

const UNAUTHENTICATED = {
  missing: 'Sign in, or send a key as a Bearer token.',
  unknown: 'This key or session is not known.',
  expired: 'This key or session has expired.',
} as const

export const crash = problem('internal-error', 'Something went wrong on our side.')
export const unknownRoute = problem('not-found', 'There is nothing here.')
export const wrongMethod = problem('method-not-allowed', 'This method is not known here.')

function invalidField(field: string, fault: string): Reply {
  return problem('invalid-input', `${field} ${fault}.`, { errors: [toWire({ field, problem: fault })] })
}

function toWire({ field, problem: detail }: InputProblem) {
  return { field, detail }
}

function problem(code: ProblemCode, detail: string, facts: Readonly<Record<string, unknown>> = {}): Reply {
  const status = PROBLEM_STATUS[code]
  return {
    status,
    body: { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail, ...facts },
    headers: PROBLEM,
  }
}
