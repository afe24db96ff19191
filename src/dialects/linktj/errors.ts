import type { ErrorMap, InputProblem } from '#core/errors.ts'
import type { Reply } from '#http/dialect.ts'

/** linktj's errors: `{"error": code, "code": code, "message": text}`. Source: contract "Response 402" and "Status codes". */
export const errors: ErrorMap<Reply> = {
  'invalid-input': ({ problems }) => failure(400, 'invalid_request', describe(problems)),
  'invalid-parameter': ({ parameter, problem }) =>
    failure(400, 'invalid_request', `Query parameter "${parameter}" ${problem}.`),
  'body-not-json': ({ problem }) =>
    failure(400, 'invalid_json', `The request body must be a JSON object, but ${problem}.`),
  'body-too-large': ({ limitBytes }) =>
    failure(413, 'body_too_large', `The request body must have at most ${limitBytes} bytes.`),
  'malformed-request': ({ problem }) => failure(400, 'bad_request', `Bad request: ${problem}.`),
  unauthenticated: ({ reason }) => ({
    ...failure(401, 'unauthorized', UNAUTHENTICATED[reason]),
    headers: { 'www-authenticate': 'Bearer' },
  }),
  'wrong-credentials': () => failure(401, 'invalid_credentials', 'Wrong email or password.'),
  'password-wrong': () => failure(401, 'wrong_password', 'Wrong password.'),
  'two-factor-needed': () =>
    failure(
      401,
      'needs_2fa',
      'Two-factor authentication is on: send the code of your app, or a recovery code, as "code".',
    ),
  'two-factor-wrong': () => failure(401, 'invalid_2fa_code', 'This code is wrong, or was used before.'),
  'two-factor-on': () => failure(409, '2fa_enabled', 'Two-factor authentication is on already.'),
  'two-factor-off': () => failure(409, '2fa_disabled', 'Two-factor authentication is not on.'),
  'account-blocked': () => failure(403, 'account_blocked', 'This account is blocked.'),
  forbidden: ({ ability }) => failure(403, 'forbidden', `This key may not do this: it lacks "${ability}".`),
  'abilities-exceeded': ({ abilities }) =>
    failure(403, 'forbidden', `This key may not grant: ${abilities.join(', ')}.`),
  'plan-required': ({ plan }) =>
    failure(403, 'plan_required', `The ${plan} plan does not include this. Choose a paid plan.`),
  'signup-closed': () => failure(403, 'signup_closed', 'Registration is closed on this server.'),
  'email-invalid': ({ problem }) => failure(400, 'invalid_email', `email ${problem}.`),
  'email-taken': () => failure(409, 'email_taken', 'An account with this email already exists.'),
  'password-invalid': ({ problem }) => failure(400, 'invalid_password', `password ${problem}.`),
  'key-not-found': () => failure(404, 'not_found', 'Key not found.'),
  'link-not-found': () => failure(404, 'not_found', 'Link not found.'),
  'team-not-found': () => failure(404, 'not_found', 'Team not found.'),
  'team-personal': () => failure(409, 'team_personal', 'This is a personal team, and stays one.'),
  'too-many-teams': ({ limit }) =>
    failure(409, 'too_many_teams', `One account can own ${limit} shared teams.`),
  'too-many-members': ({ limit }) =>
    failure(409, 'too_many_members', `A team can have ${limit} members and invitations.`),
  'member-not-found': () => failure(404, 'not_found', 'Member not found.'),
  'member-exists': ({ email }) => failure(409, 'member_exists', `${email} is in the team already.`),
  'last-owner': () => failure(409, 'last_owner', 'A team keeps an owner.'),
  'invitation-not-found': () => failure(404, 'not_found', 'Invitation not found.'),
  'invitation-of-another': () => failure(403, 'forbidden', 'The invitation was sent to another address.'),
  'session-not-found': () => failure(404, 'not_found', 'Session not found.'),
  'session-required': () => failure(403, 'forbidden', 'Only a session can do this.'),
  'password-reset-invalid': () =>
    failure(400, 'invalid_request', 'This link to set a password is not valid any more.'),
  'user-not-found': () => failure(404, 'not_found', 'User not found.'),
  'last-operator': () => failure(409, 'last_operator', 'The installation keeps an operator.'),
  'data-update-busy': () => failure(409, 'busy', 'The network data cannot be updated now.'),
  'target-invalid': ({ problem }) => failure(400, 'invalid_url', `url ${problem}.`),
  'payload-invalid': ({ problems }) =>
    failure(
      400,
      'invalid_payload',
      describe(
        problems.map(({ field, problem }) => ({
          field: field === '' ? 'payload' : `payload.${field}`,
          problem,
        })),
      ),
    ),
  'link-kind-fixed': ({ kind }) => failure(400, 'invalid_request', `This is a ${kind} link and stays one.`),
  'slug-invalid': ({ problem }) => failure(400, 'invalid_slug', `slug ${problem}.`),
  'slug-reserved': ({ slug }) => failure(400, 'invalid_slug', `slug "${slug}" is reserved.`),
  'slug-taken': ({ slug }) => failure(409, 'slug_taken', `slug "${slug}" is already in use.`),
  'field-invalid': ({ field, problem }) =>
    failure(400, 'invalid_request', `${field.replaceAll('-', '_')} ${problem}.`),
  'qr-code-not-found': () => failure(404, 'not_found', 'QR code not found.'),
  'qr-code-exists': () => failure(409, 'qr_code_exists', 'The link already has a QR code.'),
  'qr-style-invalid': ({ field, problem }) => failure(400, 'invalid_request', `${field} ${problem}.`),
  'surcharge-reached': ({ plan }) =>
    failure(402, 'limit_reached', `The lookups of the ${plan} plan are used up.`),
  'extra-keys-used-up': ({ limit, plan }) =>
    failure(402, 'limit_reached', `The ${plan} plan allows ${limit} further keys and request origins.`),
  'origin-invalid': ({ problem }) => failure(400, 'invalid_request', `domain ${problem}.`),
  'origin-taken': ({ domain }) => failure(409, 'origin_taken', `"${domain}" is registered already.`),
  'origin-not-found': () => failure(404, 'not_found', 'Request origin not found.'),
  'webhook-not-found': () => failure(404, 'not_found', 'Webhook not found.'),
  'delivery-not-found': () => failure(404, 'not_found', 'Delivery not found.'),
  'webhook-paused': () => failure(409, 'webhook_paused', 'The webhook is paused.'),
  'too-many-webhooks': ({ limit }) => failure(409, 'too_many_webhooks', `A team can have ${limit} webhooks.`),
  'file-not-found': () => failure(404, 'not_found', 'File not found.'),
  'file-too-large': ({ limitBytes }) =>
    failure(413, 'too_large', `A file must have at most ${limitBytes} bytes.`),
  'file-quota-reached': ({ limit, quota, plan }) =>
    failure(402, 'limit_reached', `The files of the ${plan} plan can be at most ${limit} ${quota}.`),
  'file-password-wrong': () => failure(403, 'wrong_password', 'Wrong password.'),
  'file-linked': ({ slug }) => failure(409, 'file_linked', `The file has the link "${slug}" already.`),
  'limit-reached': ({ limit, plan, recommended }) => {
    const reply = failure(
      402,
      'limit_reached',
      `The ${plan} plan allows ${limit} links a month, and they are used up.`,
    )
    if (recommended === undefined) return reply
    const { name, priceMonthly, limit: linkLimit } = recommended
    return { ...reply, body: { ...reply.body, recommend: { name, priceMonthly, linkLimit } } }
  },
  'role-required': () => failure(403, 'forbidden', 'Your role does not allow this.'),
  'no-subscription': () => failure(409, 'no_subscription', 'There is no paid subscription.'),
  'order-not-found': () => failure(404, 'not_found', 'Order not found.'),
  'order-decided': ({ status }) => failure(409, 'order_decided', `The order is ${status} already.`),
  'address-invalid': ({ text }) => failure(400, 'invalid_ip', `"${text}" is not an IP address.`),
  'address-special': ({ ip, purpose }) =>
    failure(400, 'invalid_ip', `${ip} is not a public IP address (${purpose}).`),
  'address-unknown': ({ ip }) => failure(404, 'not_found', `Nothing is known about ${ip}.`),
  'asn-invalid': ({ text }) => failure(400, 'invalid_asn', `"${text}" is not an AS number.`),
  'asn-unknown': ({ asn }) => failure(404, 'not_found', `Nothing is known about AS${asn}.`),
  'prefix-invalid': ({ text, problem }) => failure(400, 'invalid_prefix', `"${text}" ${problem}.`),
  'network-data-loading': ({ retryAfterS }) => ({
    ...failure(503, 'unavailable', 'The network data is being prepared. Try again soon.'),
    headers: { 'retry-after': String(retryAfterS) },
  }),
  'network-data-missing': ({ data }) =>
    failure(503, 'unavailable', `No ${data} of networks are loaded on this server.`),
  'cross-site': () => failure(403, 'cross_site', 'Requests that change something must come from this site.'),
  'precondition-failed': () => failure(412, 'precondition_failed', 'It was changed in the meantime.'),
  'idempotency-key-reused': () =>
    failure(422, 'idempotency_key_reused', 'This idempotency key was used for another request.'),
  'idempotency-key-busy': () =>
    failure(409, 'idempotency_key_busy', 'The first request with this idempotency key is not done yet.'),
  'too-many-streams': ({ limit }) =>
    failure(429, 'too_many_streams', `A team can follow ${limit} streams at a time.`),
  'rate-limited': ({ retryAfterS }) => {
    const reply = failure(429, 'rate_limited', `Too many requests. Try again in ${retryAfterS} seconds.`)
    return { ...reply, body: { ...reply.body, retryAfter: retryAfterS } }
  },
}
export const crash = failure(500, 'internal_error', 'Internal server error.')
export const unknownRoute = failure(404, 'not_found', 'Not found.')
export const wrongMethod = failure(405, 'method_not_allowed', 'Method not allowed.')

const UNAUTHENTICATED = {
  missing: 'Missing API key.',
  unknown: 'Invalid API key.',
  expired: 'This API key has expired.',
} as const

function describe(problems: readonly InputProblem[]): string {
  return `${problems.map(({ field, problem }) => (field === '' ? problem : `${field} ${problem}`)).join('; ')}.`
}

function failure(status: Reply['status'], code: string, message: string): Reply {
  return { status, body: { error: code, code, message } }
}
