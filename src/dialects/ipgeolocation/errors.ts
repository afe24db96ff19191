import { type DomainError, type ErrorMap, renderError } from '#core/errors.ts'

/** A refusal: in whichever format, its body is the message. */
export interface Refusal {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const SUPPORT = 'support@ipgeolocation.io'
const KEY_INVALID = refusal(
  401,
  `Provided API key is not valid. Contact technical support for assistance at ${SUPPORT}`,
)
const UNAVAILABLE = refusal(503, 'Service temporarily unavailable. Please try again later.')
const UNKNOWN = refusal(404, 'Provided ASN or IP Address does not exist in our database.')
const THROTTLE =
  'Please throttle your requests or upgrade your plan to continue using IPGeolocation API without interruption.'

/** The contract's messages, to the letter. Source: contract "responses"; codes it has no case for are in its manner. */
export const errors: ErrorMap<Refusal> = {
  'invalid-input': () => badRequest('The request is not valid.'),
  'invalid-parameter': ({ parameter, problem }) => badRequest(`Parameter '${parameter}' ${problem}.`),
  'body-not-json': () => badRequest('The request body is not valid.'),
  'body-too-large': () => refusal(413, 'The request body is too large.'),
  'malformed-request': () => invalidCharacter,
  unauthenticated: ({ reason }) =>
    reason === 'missing'
      ? refusal(
          401,
          "Please provide an API key (as 'apiKey=YOUR_API_KEY' URL parameter) to use IPGeolocation API. To get your free API Key, sign up at https://app.ipgeolocation.io/login",
        )
      : KEY_INVALID,
  'wrong-credentials': () => KEY_INVALID,
  'password-wrong': () => KEY_INVALID,
  'two-factor-needed': () => KEY_INVALID,
  'two-factor-wrong': () => KEY_INVALID,
  'two-factor-on': () => badRequest('Two-factor authentication is on already.'),
  'two-factor-off': () => badRequest('Two-factor authentication is off.'),
  'account-blocked': () =>
    refusal(
      401,
      `Your account has been locked to use IPGeolocation API. Contact technical support for assistance at ${SUPPORT}`,
    ),
  forbidden: ({ ability }) =>
    refusal(401, `Provided API key does not have the ability '${ability}'. Please use one that has it.`),
  'signup-closed': () => refusal(401, 'Sign-up is closed on this server.'),
  'email-invalid': ({ problem }) => badRequest(`The email address ${problem}.`),
  'email-taken': () => refusal(409, 'There is an account with this email address already.'),
  'password-invalid': ({ problem }) => badRequest(`The password ${problem}.`),
  'key-not-found': () => refusal(404, 'Provided API key does not exist.'),
  'link-not-found': () => refusal(404, 'Provided link does not exist.'),
  'target-invalid': ({ problem }) => badRequest(`The target ${problem}.`),
  'slug-invalid': ({ problem }) => badRequest(`The slug ${problem}.`),
  'slug-reserved': () => badRequest('The slug is reserved.'),
  'slug-taken': () => refusal(409, 'The slug is in use.'),
  'field-invalid': ({ field, problem }) => badRequest(`'${field}' ${problem}.`),
  'team-not-found': () => refusal(404, 'Provided team does not exist.'),
  'team-personal': () => refusal(409, 'This is a personal team, and stays one.'),
  'too-many-teams': ({ limit }) => refusal(409, `One account can own ${limit} shared teams.`),
  'too-many-members': ({ limit }) => refusal(409, `A team can have ${limit} members and invitations.`),
  'member-not-found': () => refusal(404, 'Member not found.'),
  'member-exists': ({ email }) => refusal(409, `${email} is in the team already.`),
  'last-owner': () => refusal(409, 'A team keeps an owner.'),
  'invitation-not-found': () => refusal(404, 'Invitation not found.'),
  'invitation-of-another': () => refusal(403, 'The invitation was sent to another address.'),
  'session-not-found': () => refusal(404, 'Session not found.'),
  'session-required': () => refusal(403, 'Only a session can do this.'),
  'password-reset-invalid': () => refusal(400, 'This link to set a password is not valid any more.'),
  'user-not-found': () => refusal(404, 'User not found.'),
  'last-operator': () => refusal(409, 'The installation keeps an operator.'),
  'data-update-busy': () => refusal(409, 'The network data cannot be updated now.'),
  'abilities-exceeded': () => refusal(401, 'Provided API key cannot grant these abilities.'),
  'plan-required': ({ endedAt }) =>
    refusal(
      401,
      endedAt === undefined
        ? 'ASN Lookup is not supported on your current subscription. This feature is available to Paid subscriptions only.'
        : `Your subscription has expired at ${endedAt.toISOString().slice(0, 10)}. Please subscribe to a paid plan to continue using IPGeolocation API without interruption or contact technical support for assistance at ${SUPPORT}`,
    ),
  'qr-code-not-found': () => refusal(404, 'Provided QR code does not exist.'),
  'qr-code-exists': () => refusal(409, 'The link has a QR code already.'),
  'qr-style-invalid': ({ field, problem }) => badRequest(`'${field}' ${problem}.`),
  'webhook-not-found': () => refusal(404, 'Provided webhook does not exist.'),
  'delivery-not-found': () => refusal(404, 'Provided delivery does not exist.'),
  'webhook-paused': () => refusal(409, 'The webhook is paused.'),
  'too-many-webhooks': () => refusal(409, 'There are too many webhooks.'),
  'file-not-found': () => refusal(404, 'Provided file does not exist.'),
  'file-too-large': () => refusal(413, 'The file is too large.'),
  'file-quota-reached': ({ plan }) => refusal(429, `The files of your ${plan} plan take all it allows.`),
  'file-password-wrong': () => refusal(403, 'Provided password is wrong.'),
  'file-linked': () => refusal(409, 'The file has a link already.'),
  'payload-invalid': () => badRequest('The content of the link is not valid.'),
  'link-kind-fixed': () => badRequest('The kind of a link cannot be changed.'),
  'role-required': () => refusal(401, 'Provided API key does not have the role that this needs.'),
  'no-subscription': () => badRequest('There is no subscription.'),
  'order-not-found': () => refusal(404, 'Provided order does not exist.'),
  'order-decided': () => refusal(409, 'The order has been decided.'),
  'limit-reached': ({ limit, plan }) =>
    refusal(
      429,
      `You have exceeded the limit of ${limit} requests per month for your subscribed ${plan} plan. ${THROTTLE}`,
    ),
  'surcharge-reached': ({ plan, limit, surchargeLimit }) =>
    refusal(
      429,
      `You have reached the surcharge amount limit of ${limit + surchargeLimit} on your subscribed ${plan} plan. ${THROTTLE}`,
    ),
  'extra-keys-used-up': () => refusal(401, 'Your subscription allows no more API keys and request origins.'),
  'origin-invalid': ({ problem }) => badRequest(`The domain ${problem}.`),
  'origin-taken': () => refusal(409, 'The domain is registered already.'),
  'origin-not-found': () => refusal(404, 'Provided request origin does not exist.'),
  'address-invalid': ({ text }) => badRequest(`Provided name, service or IP address '${text}' is not valid.`),
  'address-special': ({ ip }) => refusal(423, `'${ip}' is a bogon IP address.`),
  'address-unknown': () => UNKNOWN,
  'asn-invalid': ({ text }) => badRequest(`Provided ASN '${text}' is not valid.`),
  'asn-unknown': () => UNKNOWN,
  'prefix-invalid': ({ text, problem }) => badRequest(`'${text}' ${problem}.`),
  'network-data-loading': ({ retryAfterS }) => ({
    ...UNAVAILABLE,
    headers: { 'retry-after': String(retryAfterS) },
  }),
  'network-data-missing': () => UNAVAILABLE,
  'cross-site': () => refusal(403, 'Requests that change something must come from this site.'),
  'precondition-failed': () => refusal(412, 'It was changed in the meantime.'),
  'idempotency-key-reused': () => refusal(422, 'This idempotency key was used for another request.'),
  'idempotency-key-busy': () => refusal(409, 'The first request with this idempotency key is not done yet.'),
  'too-many-streams': ({ limit }) => refusal(429, `A team can follow ${limit} streams at a time.`),
  'rate-limited': ({ retryAfterS }) => ({
    ...refusal(429, 'Too many requests. Please throttle your requests.'),
    headers: { 'retry-after': String(retryAfterS) },
  }),
}

/** Characters in the URL that none may have. */
export const invalidCharacter = refusal(400, 'Invalid character found in the request target.')
export const crash = refusal(500, 'Something went wrong on the server side.')
/** Nobody reads it: it is what the log and the metrics say. */
export const clientGone = refusal(499, 'Client closed the request before the server could respond.')

export function unknownEndpoint(method: string, path: string): Refusal {
  return refusal(404, `No endpoint ${method} ${path}.`)
}

/** Methods that the contract's server knows by name, and supports nowhere. */
const KNOWN_METHODS = new Set(['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export function wrongMethod(method: string): Refusal {
  const named = KNOWN_METHODS.has(method) ? `Request method '${method}' is` : 'Request method is'
  return { ...refusal(405, `${named} not supported`), headers: { allow: 'GET' } }
}

export function renderRefusal(error: DomainError): Refusal {
  return renderError(errors, error)
}

function badRequest(message: string): Refusal {
  return refusal(400, message)
}

function refusal(status: number, message: string): Refusal {
  return { status, message }
}
