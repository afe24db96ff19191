import type { ErrorMap, InputProblem } from '#core/errors.ts'
import type { Reply } from '#http/dialect.ts'

/** lnk7's errors: always `{"detail": text}`. Source: contract "Error Handling" and its table of status codes. */
export const errors: ErrorMap<Reply> = {
  'invalid-input': ({ problems }) => detail(422, describeProblems(problems)),
  'invalid-parameter': ({ parameter, problem }) => detail(400, `Query parameter "${parameter}" ${problem}.`),
  'body-not-json': ({ problem }) => detail(422, `Expected a JSON object, but ${problem}.`),
  'body-too-large': ({ limitBytes }) =>
    detail(413, `The request body must have at most ${limitBytes} bytes.`),
  'malformed-request': ({ problem }) => detail(400, `Bad request: ${problem}.`),
  unauthenticated: ({ reason }) => detail(401, UNAUTHENTICATED[reason], { 'www-authenticate': 'Bearer' }),
  'wrong-credentials': () => detail(401, 'Wrong email or password.'),
  'password-wrong': () => detail(401, 'Wrong password.'),
  'two-factor-needed': () =>
    detail(401, 'Two-factor authentication is on: send the code of your app, or a recovery code, as "code".'),
  'two-factor-wrong': () => detail(401, 'The two-factor code is wrong, or was used before.'),
  'two-factor-on': () => detail(409, 'Two-factor authentication is on already.'),
  'two-factor-off': () => detail(409, 'Two-factor authentication is not on.'),
  'account-blocked': () => detail(403, 'This account is blocked.'),
  forbidden: ({ ability }) => detail(403, `Your token may not do this: it lacks "${ability}".`),
  'signup-closed': () => detail(403, 'Registration is closed on this server.'),
  'email-invalid': ({ problem }) => detail(400, `email ${problem}.`),
  'email-taken': () => detail(409, 'An account with this email already exists.'),
  'password-invalid': ({ problem }) => detail(400, `password ${problem}.`),
  'key-not-found': () => detail(404, 'Token not found.'),
  'link-not-found': () => detail(404, 'Link not found.'),
  'target-invalid': ({ problem }) => detail(400, `Invalid URL: original_url ${problem}.`),
  'payload-invalid': ({ problems }) => detail(422, describeProblems(problems)),
  'link-kind-fixed': ({ kind }) => detail(400, `This is a ${kind} link: it has no original_url to change.`),
  'slug-invalid': ({ problem }) => detail(400, `short_code ${problem}.`),
  'slug-reserved': ({ slug }) => detail(400, `short_code "${slug}" is reserved.`),
  'slug-taken': ({ slug }) => detail(409, `short_code "${slug}" is already in use.`),
  'field-invalid': ({ field, problem }) => detail(400, `${field} ${problem}.`),
  'team-not-found': () => detail(404, 'Team not found.'),
  'team-personal': () => detail(409, 'This is a personal team, and stays one.'),
  'too-many-teams': ({ limit }) => detail(409, `One account can own ${limit} shared teams.`),
  'too-many-members': ({ limit }) => detail(409, `A team can have ${limit} members and invitations.`),
  'member-not-found': () => detail(404, 'Member not found.'),
  'member-exists': ({ email }) => detail(409, `${email} is in the team already.`),
  'last-owner': () => detail(409, 'A team keeps an owner.'),
  'invitation-not-found': () => detail(404, 'Invitation not found.'),
  'invitation-of-another': () => detail(403, 'The invitation was sent to another address.'),
  'session-not-found': () => detail(404, 'Session not found.'),
  'session-required': () => detail(403, 'Only a session can do this.'),
  'password-reset-invalid': () => detail(400, 'This link to set a password is not valid any more.'),
  'user-not-found': () => detail(404, 'User not found.'),
  'last-operator': () => detail(409, 'The installation keeps an operator.'),
  'data-update-busy': () => detail(409, 'The network data cannot be updated now.'),
  'abilities-exceeded': ({ abilities }) => detail(403, `Your token may not grant: ${abilities.join(', ')}.`),
  'plan-required': ({ plan }) => detail(403, `The ${plan} plan does not include this.`),
  'qr-code-not-found': () => detail(404, 'QR code not found.'),
  'qr-code-exists': () => detail(409, 'The link already has a QR code.'),
  'qr-style-invalid': ({ field, problem }) => detail(400, `${field} ${problem}.`),
  'surcharge-reached': ({ plan }) => detail(402, `The lookups of the ${plan} plan are used up.`),
  'extra-keys-used-up': ({ limit, plan }) =>
    detail(402, `The ${plan} plan allows ${limit} further keys and request origins.`),
  'origin-invalid': ({ problem }) => detail(400, `domain ${problem}.`),
  'origin-taken': ({ domain }) => detail(409, `The domain "${domain}" is registered already.`),
  'origin-not-found': () => detail(404, 'Request origin not found.'),
  'webhook-not-found': () => detail(404, 'Webhook not found.'),
  'delivery-not-found': () => detail(404, 'Delivery not found.'),
  'webhook-paused': () => detail(409, 'The webhook is paused.'),
  'too-many-webhooks': ({ limit }) => detail(409, `A team can have ${limit} webhooks.`),
  'file-not-found': () => detail(404, 'File not found.'),
  'file-too-large': ({ limitBytes }) => detail(413, `A file must have at most ${limitBytes} bytes.`),
  'file-quota-reached': ({ limit, quota, plan }) =>
    detail(402, `The files of the ${plan} plan can be at most ${limit} ${quota}.`),
  'file-password-wrong': () => detail(403, 'Wrong password.'),
  'file-linked': ({ slug }) => detail(409, `The file has the link "${slug}" already.`),
  'limit-reached': ({ limit, plan, recommended }) =>
    detail(
      402,
      `The ${plan} plan allows ${limit} links a month, and they are used up.` +
        (recommended === undefined ? '' : ` The ${recommended.name} plan allows more.`),
    ),
  'role-required': () => detail(403, 'Your role does not allow this.'),
  'no-subscription': () => detail(409, 'There is no paid subscription.'),
  'order-not-found': () => detail(404, 'Order not found.'),
  'order-decided': ({ status }) => detail(409, `The order is ${status} already.`),
  'address-invalid': ({ text }) => detail(400, `"${text}" is not an IP address.`),
  'address-special': ({ ip, purpose }) => detail(400, `${ip} is not a public IP address (${purpose}).`),
  'address-unknown': ({ ip }) => detail(404, `Nothing is known about ${ip}.`),
  'asn-invalid': ({ text }) => detail(400, `"${text}" is not an AS number.`),
  'asn-unknown': ({ asn }) => detail(404, `Nothing is known about AS${asn}.`),
  'prefix-invalid': ({ text, problem }) => detail(400, `"${text}" ${problem}.`),
  'network-data-loading': ({ retryAfterS }) =>
    detail(503, 'The network data is being prepared. Try again soon.', {
      'retry-after': String(retryAfterS),
    }),
  'network-data-missing': ({ data }) => detail(503, `No ${data} of networks are loaded on this server.`),
  'cross-site': () => detail(403, 'Requests that change something must come from this site.'),
  'precondition-failed': () => detail(412, 'It was changed in the meantime.'),
  'idempotency-key-reused': () => detail(422, 'This idempotency key was used for another request.'),
  'idempotency-key-busy': () => detail(409, 'The first request with this idempotency key is not done yet.'),
  'too-many-streams': ({ limit }) => detail(429, `A team can follow ${limit} streams at a time.`),
  'rate-limited': ({ retryAfterS }) => detail(429, `Too many requests. Try again in ${retryAfterS} seconds.`),
}
export const crash = detail(500, 'Internal server error.')
export const unknownRoute = detail(404, 'Not found.')
export const wrongMethod = detail(405, 'Method not allowed.')

const UNAUTHENTICATED = {
  missing: 'Missing Bearer token.',
  unknown: 'Invalid Bearer token.',
  expired: 'This Bearer token has expired.',
} as const

function describeProblems(problems: readonly InputProblem[]): string {
  return problems.map(({ field, problem }) => (field === '' ? problem : `${field}: ${problem}`)).join('; ')
}

function detail(status: Reply['status'], text: string, headers: Reply['headers'] = {}): Reply {
  return { status, body: { detail: text }, headers }
}
