import type { ErrorMap, InputProblem } from '#core/errors.ts'
import type { Reply } from '#http/dialect.ts'

/** lynk's errors: `{"error": code, "message": text}`. Source: contract "Error Codes". */
export const errors: ErrorMap<Reply> = {
  'invalid-input': ({ problems }) => failure(400, 'invalid_request', describe(problems)),
  'invalid-parameter': ({ parameter, problem }) =>
    failure(400, 'invalid_request', `The parameter "${parameter}" ${problem}.`),
  'body-not-json': ({ problem }) =>
    failure(400, 'invalid_request', `The request body must be a JSON object, but ${problem}.`),
  'body-too-large': ({ limitBytes }) =>
    failure(413, 'too_large', `The request body must have at most ${limitBytes} bytes.`),
  'malformed-request': ({ problem }) => failure(400, 'invalid_request', `Bad request: ${problem}.`),
  unauthenticated: ({ reason }) => ({
    ...failure(401, 'unauthorized', UNAUTHENTICATED[reason]),
    headers: { 'www-authenticate': 'Bearer' },
  }),
  'wrong-credentials': () => failure(401, 'unauthorized', 'Wrong email or password.'),
  'password-wrong': () => failure(403, 'wrong_password', 'Wrong password.'),
  'two-factor-needed': () => failure(401, 'needs_2fa', 'A code of two-factor authentication is needed.'),
  'two-factor-wrong': () => failure(401, 'wrong_code', 'The code of two-factor authentication is wrong.'),
  'two-factor-on': () => failure(409, 'two_factor_on', 'Two-factor authentication is on already.'),
  'two-factor-off': () => failure(409, 'two_factor_off', 'Two-factor authentication is off.'),
  'account-blocked': () => failure(403, 'account_blocked', 'This account is blocked.'),
  forbidden: ({ ability }) =>
    failure(403, 'forbidden', `This API key may not do this: it lacks "${ability}".`),
  'abilities-exceeded': ({ abilities }) =>
    failure(403, 'forbidden', `This API key may not grant: ${abilities.join(', ')}.`),
  'plan-required': ({ plan }) => failure(403, 'plan_required', `The ${plan} plan does not include this.`),
  'signup-closed': () => failure(403, 'signup_closed', 'Registration is closed on this server.'),
  'email-invalid': ({ problem }) => failure(400, 'invalid_request', `The email ${problem}.`),
  'email-taken': () => failure(409, 'email_taken', 'An account with this email already exists.'),
  'password-invalid': ({ problem }) => failure(400, 'invalid_request', `The password ${problem}.`),
  'key-not-found': () => failure(404, 'not_found', 'API key not found.'),
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
  'target-invalid': ({ problem }) => failure(400, 'invalid_request', `The target ${problem}.`),
  'slug-invalid': ({ problem }) => failure(400, 'invalid_request', `The slug ${problem}.`),
  'slug-reserved': () => failure(400, 'invalid_request', 'The slug is reserved.'),
  'slug-taken': () => failure(409, 'slug_taken', 'The slug is in use.'),
  'field-invalid': ({ field, problem }) => failure(400, 'invalid_request', `The ${field} ${problem}.`),
  'qr-code-not-found': () => failure(404, 'not_found', 'QR code not found.'),
  'qr-code-exists': () => failure(409, 'qr_code_exists', 'The link already has a QR code.'),
  'qr-style-invalid': ({ field, problem }) => failure(400, 'invalid_request', `The ${field} ${problem}.`),
  'webhook-not-found': () => failure(404, 'not_found', 'Webhook not found.'),
  'delivery-not-found': () => failure(404, 'not_found', 'Delivery not found.'),
  'webhook-paused': () => failure(409, 'webhook_paused', 'The webhook is paused.'),
  'too-many-webhooks': ({ limit }) => failure(409, 'too_many_webhooks', `A team can have ${limit} webhooks.`),
  'file-not-found': () => failure(404, 'not_found', 'File not found.'),
  'file-too-large': ({ limitBytes }) =>
    failure(413, 'too_large', `A file must have at most ${limitBytes / 1024 / 1024} MB.`),
  'file-quota-reached': ({ limit, quota, plan }) =>
    failure(
      402,
      'storage_limit_reached',
      quota === 'files'
        ? `The ${plan} plan keeps ${limit} files. Delete some, or choose a larger plan.`
        : `The files of the ${plan} plan can have ${limit / 1e9} GB together. Delete some, or choose a larger plan.`,
    ),
  'file-password-wrong': () => failure(403, 'wrong_password', 'Wrong password.'),
  'file-linked': ({ slug }) => failure(409, 'file_linked', `The file has the link "${slug}" already.`),
  'payload-invalid': ({ problems }) => failure(400, 'invalid_request', describe(problems)),
  'link-kind-fixed': ({ kind }) => failure(400, 'invalid_request', `This is a ${kind} link and stays one.`),
  'role-required': ({ role }) => failure(403, 'forbidden', `This needs the role ${role}.`),
  'no-subscription': () => failure(409, 'no_subscription', 'There is no subscription.'),
  'order-not-found': () => failure(404, 'not_found', 'Order not found.'),
  'order-decided': () => failure(409, 'order_decided', 'The order has been decided.'),
  'limit-reached': ({ limit, plan }) =>
    failure(
      402,
      'insufficient_tokens',
      `The ${limit} tokens of this month (${plan} plan) are used up. Wait for the next month, or choose a larger plan.`,
    ),
  'surcharge-reached': ({ limit, plan }) =>
    failure(402, 'insufficient_tokens', `The ${limit} tokens of this month (${plan} plan) are used up.`),
  'extra-keys-used-up': ({ limit, plan }) =>
    failure(402, 'limit_reached', `The ${plan} plan allows ${limit} further keys and request origins.`),
  'origin-invalid': ({ problem }) => failure(400, 'invalid_request', `The domain ${problem}.`),
  'origin-taken': () => failure(409, 'origin_taken', 'The domain is registered already.'),
  'origin-not-found': () => failure(404, 'not_found', 'Request origin not found.'),
  'address-invalid': ({ text }) => failure(400, 'invalid_ip', `"${text}" is not an IP address.`),
  'address-special': ({ ip, purpose }) =>
    failure(400, 'bogon', `${ip} is not a public IP address (${purpose}).`),
  'address-unknown': ({ ip }) => failure(404, 'not_found', `Nobody is known to announce ${ip}.`),
  'asn-invalid': ({ text }) =>
    failure(400, 'invalid_asn', `"${text}" is not an AS number from 1 to 4294967295.`),
  'asn-unknown': ({ asn }) => failure(404, 'not_found', `AS${asn} is not known.`),
  'prefix-invalid': ({ text, problem }) => failure(400, 'invalid_prefix', `"${text}" ${problem}.`),
  'network-data-loading': ({ retryAfterS }) => ({
    ...failure(503, 'loading', 'The network data is being prepared. Try again soon.'),
    headers: { 'retry-after': String(retryAfterS) },
  }),
  'network-data-missing': ({ data, sources }) =>
    failure(
      503,
      `${data}_not_loaded`,
      `No AS ${data} are loaded on this server. Its operator loads them with: onehop data update ${sources.join(' ')} --accept-terms`,
    ),
  'cross-site': () => failure(403, 'cross_site', 'Requests that change something must come from this site.'),
  'precondition-failed': () => failure(412, 'precondition_failed', 'It was changed in the meantime.'),
  'idempotency-key-reused': () =>
    failure(422, 'idempotency_key_reused', 'This idempotency key was used for another request.'),
  'idempotency-key-busy': () =>
    failure(409, 'idempotency_key_busy', 'The first request with this idempotency key is not done yet.'),
  'too-many-streams': ({ limit }) =>
    failure(429, 'too_many_streams', `A team can follow ${limit} streams at a time.`),
  'rate-limited': ({ retryAfterS }) =>
    failure(429, 'rate_limited', `Too many requests. Try again in ${retryAfterS} seconds.`),
}

const UNAUTHENTICATED = {
  missing: 'Missing API key.',
  unknown: 'Invalid API key.',
  expired: 'This API key has expired.',
} as const

export const crash = failure(500, 'internal_error', 'Internal server error.')
export const unknownRoute = failure(404, 'not_found', 'Not found.')
export const wrongMethod = failure(405, 'method_not_allowed', 'Method not allowed.')

function describe(problems: readonly InputProblem[]): string {
  return `${problems.map(({ field, problem }) => (field === '' ? `The request body ${problem}` : `${field} ${problem}`)).join('; ')}.`
}

function failure(status: Reply['status'], error: string, message: string): Reply {
  return { status, body: { error, message } }
}
