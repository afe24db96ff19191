import type { ErrorMap, InputProblem, Metric } from '#core/errors.ts'
import type { Reply } from '#http/dialect.ts'
import { failure } from './envelope.ts'

/** lynklens's errors. Source: contract "Response Format", "Error Codes" and "Rate Limiting & Plan Limits". */
export const errors: ErrorMap<Reply> = {
  'invalid-input': ({ problems }) => invalid(problems),
  'invalid-parameter': ({ parameter, problem }) => invalid([{ field: parameter, problem }]),
  'body-not-json': ({ problem }) => failure(422, `The request body must be a JSON object, but ${problem}.`),
  'body-too-large': ({ limitBytes }) =>
    failure(413, `The request body must have at most ${limitBytes} bytes.`),
  'malformed-request': ({ problem }) => failure(400, `Bad request: ${problem}.`),
  unauthenticated: () => unauthenticated,
  'wrong-credentials': () => unauthenticated,
  'password-wrong': () => failure(401, 'The password is wrong.'),
  'two-factor-needed': () => failure(401, 'A two-factor code is required.'),
  'two-factor-wrong': () => failure(401, 'The two-factor code is wrong, or was used before.'),
  'two-factor-on': () => failure(409, 'Two-factor authentication is on already.'),
  'two-factor-off': () => failure(409, 'Two-factor authentication is not on.'),
  'account-blocked': () => failure(403, 'This account is blocked.'),
  forbidden: ({ ability }) => failure(403, `This token does not have the required ability: ${ability}.`),
  'abilities-exceeded': ({ abilities }) =>
    failure(403, `This token cannot grant abilities it does not have: ${abilities.join(', ')}.`),
  'plan-required': ({ feature, plan }) =>
    failure(403, `${FEATURES[feature]} a paid subscription. The ${plan} plan does not include it.`),
  'signup-closed': () => failure(403, 'Registration is closed on this server.'),
  'email-invalid': ({ problem }) => invalid([{ field: 'email', problem }]),
  'email-taken': () => taken('email'),
  'password-invalid': ({ problem }) => invalid([{ field: 'password', problem }]),
  'key-not-found': () => failure(404, 'Token not found.'),
  'link-not-found': () => failure(404, 'Link not found.'),
  'team-not-found': () => failure(404, 'Team not found.'),
  'team-personal': () => failure(409, 'This is a personal team, and stays one.'),
  'too-many-teams': ({ limit }) => failure(409, `One account can own ${limit} shared teams.`),
  'too-many-members': ({ limit }) => failure(409, `A team can have ${limit} members and invitations.`),
  'member-not-found': () => failure(404, 'Member not found.'),
  'member-exists': ({ email }) => failure(409, `${email} is in the team already.`),
  'last-owner': () => failure(409, 'A team keeps an owner.'),
  'invitation-not-found': () => failure(404, 'Invitation not found.'),
  'invitation-of-another': () => failure(403, 'The invitation was sent to another address.'),
  'session-not-found': () => failure(404, 'Session not found.'),
  'session-required': () => failure(403, 'Only a session can do this.'),
  'password-reset-invalid': () => failure(400, 'This link to set a password is not valid any more.'),
  'user-not-found': () => failure(404, 'User not found.'),
  'last-operator': () => failure(409, 'The installation keeps an operator.'),
  'data-update-busy': () => failure(409, 'The network data cannot be updated now.'),
  'target-invalid': ({ problem }) => invalid([{ field: 'long_url', problem }]),
  'payload-invalid': ({ problems }) => invalid(problems),
  'link-kind-fixed': ({ kind }) =>
    invalidField('long_url', `This is a ${kind} link: it has no long url to change.`),
  'slug-invalid': ({ problem }) => invalid([{ field: 'slug', problem }]),
  'slug-reserved': () => invalid([{ field: 'slug', problem: 'must not be a reserved word' }]),
  'slug-taken': () => taken('slug'),
  'field-invalid': ({ field, problem }) => invalid([{ field: field.replaceAll('-', '_'), problem }]),
  'qr-code-not-found': () => failure(404, 'QR code not found.'),
  'qr-code-exists': () => invalidField('link_slug', 'The link already has a QR code.'),
  'qr-style-invalid': ({ field, problem }) => invalid([{ field: QR_FIELDS[field], problem }]),
  'surcharge-reached': ({ plan }) => failure(429, `The lookups of the ${plan} plan are used up.`),
  'extra-keys-used-up': ({ limit, plan }) =>
    failure(403, `The ${plan} plan allows ${limit} further keys and request origins.`),
  'origin-invalid': ({ problem }) => invalid([{ field: 'domain', problem }]),
  'origin-taken': () => taken('domain'),
  'origin-not-found': () => failure(404, 'Request origin not found.'),
  'webhook-not-found': () => failure(404, 'Webhook not found.'),
  'delivery-not-found': () => failure(404, 'Delivery not found.'),
  'webhook-paused': () => failure(409, 'The webhook is paused.'),
  'too-many-webhooks': ({ limit }) => failure(409, `A team can have ${limit} webhooks.`),
  'file-not-found': () => failure(404, 'File not found.'),
  'file-too-large': ({ limitBytes }) => failure(413, `A file must have at most ${limitBytes} bytes.`),
  'file-quota-reached': ({ limit, quota, plan }) =>
    failure(429, `The files of the ${plan} plan can be at most ${limit} ${quota}.`),
  'file-password-wrong': () => failure(403, 'Wrong password.'),
  'file-linked': ({ slug }) => failure(409, `The file has the link "${slug}" already.`),
  'limit-reached': ({ metric, limit }) =>
    failure(
      429,
      `You have reached your monthly limit of ${limit} ${METRIC_NAMES[metric]}. Upgrade your plan for more.`,
    ),
  'role-required': () => failure(403, 'Forbidden. Your role does not allow this.'),
  'no-subscription': () => failure(409, 'There is no paid subscription.'),
  'order-not-found': () => failure(404, 'Resource not found.'),
  'order-decided': ({ status }) => failure(409, `The order is ${status} already.`),
  'address-invalid': ({ text }) => failure(422, `"${text}" is not an IP address.`),
  'address-special': ({ ip, purpose }) => failure(422, `${ip} is not a public IP address (${purpose}).`),
  'address-unknown': ({ ip }) => failure(404, `Nothing is known about ${ip}.`),
  'asn-invalid': ({ text }) => failure(422, `"${text}" is not an AS number.`),
  'asn-unknown': ({ asn }) => failure(404, `Nothing is known about AS${asn}.`),
  'prefix-invalid': ({ text, problem }) => failure(422, `"${text}" ${problem}.`),
  'network-data-loading': ({ retryAfterS }) => ({
    ...failure(503, 'The network data is being prepared. Try again soon.'),
    headers: { 'retry-after': String(retryAfterS) },
  }),
  'network-data-missing': ({ data }) => failure(503, `No ${data} of networks are loaded on this server.`),
  'cross-site': () => failure(403, 'Requests that change something must come from this site.'),
  'precondition-failed': () => failure(412, 'It was changed in the meantime.'),
  'idempotency-key-reused': () => failure(422, 'This idempotency key was used for another request.'),
  'idempotency-key-busy': () => failure(409, 'The first request with this idempotency key is not done yet.'),
  'too-many-streams': ({ limit }) => failure(429, `A team can follow ${limit} streams at a time.`),
  'rate-limited': ({ limit, windowS }) =>
    failure(
      429,
      `Too many requests. Your plan allows ${limit} ${windowS === 60 ? 'per minute' : `per ${windowS} seconds`}.`,
    ),
}
export const crash = failure(500, 'Internal server error.')
export const unknownRoute = failure(404, 'Resource not found.')
export const wrongMethod = failure(405, 'Method not allowed.')

const unauthenticated: Reply = {
  ...failure(401, 'Unauthenticated.'),
  headers: { 'www-authenticate': 'Bearer' },
}

const FEATURES = {
  'lynklens-api': 'API access requires',
  'ipgeolocation-api': 'ASN lookups require',
  'typed-links': 'Links of this kind require',
} as const

const METRIC_NAMES: Readonly<Record<Metric, string>> = {
  links: 'links',
  'qr-codes': 'QR codes',
  'api-calls': 'API calls',
  clicks: 'clicks',
  'lookup-credits': 'lookups',
}

/** The fields of a QR code's style as the contract names them. */
const QR_FIELDS = {
  color: 'color',
  background: 'background_color',
  sizePx: 'size',
  format: 'format',
  errorCorrection: 'error_correction',
  logo: 'logo',
} as const

function invalid(problems: readonly InputProblem[]): Reply {
  const messages = Object.groupBy(problems, ({ field }) => field)
  const errorsByField = Object.fromEntries(
    Object.entries(messages).map(([field, found = []]) => [
      field,
      found.map(({ problem }) => sentence(field, problem)),
    ]),
  )
  return failure(422, 'An error occurred', errorsByField)
}

function taken(field: string): Reply {
  return invalidField(field, `The ${words(field)} has already been taken.`)
}

function invalidField(field: string, message: string): Reply {
  return failure(422, 'An error occurred', { [field]: [message] })
}

/** `The long url field is required.` */
function sentence(field: string, problem: string): string {
  return field === '' ? `The request body ${problem}.` : `The ${words(field)} field ${problem}.`
}

function words(field: string): string {
  return field.replaceAll('_', ' ')
}
