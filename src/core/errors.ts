import type { LinkKind } from './links/payload.ts'
import type { Ability } from './permissions.ts'
import type { QrStyle } from './qr/qr-style.ts'

/** What a team can run out of. */
export type Metric = 'links' | 'qr-codes' | 'api-calls' | 'clicks' | 'lookup-credits'

/** What a link, key or account is described by. */
export type DescribedField =
  | 'title'
  | 'description'
  | 'tags'
  | 'expires-at'
  | 'name'
  | 'unit'
  | 'units'
  | 'size'
  | 'plan'
  | 'metric'
  | 'quantity'
  | 'url'
  | 'events'

/** One thing that is wrong with what the caller sent. */
export interface InputProblem {
  /** The field as the caller named it; empty for the body as a whole. */
  readonly field: string
  /** A sentence part: what was expected. */
  readonly problem: string
}

/** A plan that would allow what another does not. */
export interface RecommendedPlan {
  readonly name: string
  /** US dollars; null is on request. */
  readonly priceMonthly: number | null
  /** What it allows of the metric a month; null is unlimited. */
  readonly limit: number | null
}

/** Every way a domain operation can refuse, with the facts a caller needs to explain it. */
export interface ErrorDetails {
  /** The body or a parameter does not have the documented shape. */
  'invalid-input': { readonly problems: readonly InputProblem[] }
  /** A query parameter has a value that it cannot have. */
  'invalid-parameter': { readonly parameter: string; readonly problem: string }
  'body-not-json': { readonly problem: string }
  'body-too-large': { readonly limitBytes: number }
  /** The request line or a header cannot be understood. */
  'malformed-request': { readonly problem: string }
  unauthenticated: { readonly reason: 'missing' | 'unknown' | 'expired' }
  'wrong-credentials': Record<never, never>
  /** Somebody who is signed in already was asked for the password again, and gave another. */
  'password-wrong': Record<never, never>
  /** The password is right, and the account asks for a code as well. */
  'two-factor-needed': Record<never, never>
  /** The code is not the one of the moment, was used before, or is no unused recovery code. */
  'two-factor-wrong': Record<never, never>
  'two-factor-on': Record<never, never>
  'two-factor-off': Record<never, never>
  'account-blocked': Record<never, never>
  forbidden: { readonly ability: Ability }
  'signup-closed': Record<never, never>
  'email-invalid': { readonly problem: string }
  'email-taken': { readonly email: string }
  'password-invalid': { readonly problem: string }
  'key-not-found': { readonly id: string }
  'link-not-found': { readonly link: string }
  'target-invalid': { readonly problem: string }
  /** What a typed link is to show is not as its kind wants it; fields are named as within the payload. */
  'payload-invalid': { readonly problems: readonly InputProblem[] }
  /** A link stays of the kind it was made: this one has no such thing as was to be changed. */
  'link-kind-fixed': { readonly kind: LinkKind; readonly wanted: LinkKind }
  'slug-invalid': { readonly problem: string }
  'slug-reserved': { readonly slug: string }
  'slug-taken': { readonly slug: string }
  /** A value that something is described by cannot be: `field` names it, `problem` says what it must be. */
  'field-invalid': { readonly field: DescribedField; readonly problem: string }
  'team-not-found': { readonly teamId: number }
  /** It is somebody's own: nobody else can be in it, and it cannot be deleted. */
  'team-personal': Record<never, never>
  /** Shared teams that one user owns. */
  'too-many-teams': { readonly limit: number }
  /** Members of a team and invitations together. */
  'too-many-members': { readonly limit: number }
  'member-not-found': { readonly userId: number }
  /** Who is invited is in the team already. */
  'member-exists': { readonly email: string }
  /** A team keeps an owner. */
  'last-owner': Record<never, never>
  /** There is none, or it is over. */
  'invitation-not-found': Record<never, never>
  /** It was sent to another address than that of the account. */
  'invitation-of-another': { readonly email: string }
  'session-not-found': { readonly id: string }
  /** Only a session can be switched to another team. */
  'session-required': Record<never, never>
  /** The link to set a new password was used, is over, or never was. */
  'password-reset-invalid': Record<never, never>
  'user-not-found': { readonly userId: number }
  /** The installation keeps an operator who can sign in. */
  'last-operator': Record<never, never>
  /** This process cannot update network data, or is at it. */
  'data-update-busy': Record<never, never>
  /** A key was asked for that could do more than the one that asks. */
  'abilities-exceeded': { readonly abilities: readonly string[] }
  /** The team's plan does not have what was asked for. */
  'plan-required': {
    readonly feature: 'lynklens-api' | 'ipgeolocation-api' | 'typed-links'
    readonly plan: string
    /** When a plan that had it came to its end. */
    readonly endedAt?: Date | undefined
  }
  'qr-code-not-found': { readonly slug: string }
  /** The link has its QR code already. */
  'qr-code-exists': { readonly slug: string }
  'qr-style-invalid': { readonly field: keyof QrStyle | 'logo'; readonly problem: string }
  'webhook-not-found': { readonly id: string }
  'delivery-not-found': { readonly id: string }
  /** Nothing is sent to it until it is resumed. */
  'webhook-paused': { readonly id: string }
  'too-many-webhooks': { readonly limit: number }
  'file-not-found': { readonly id: string }
  'file-too-large': { readonly limitBytes: number }
  /** The team's files take what its plan allows. */
  'file-quota-reached': {
    readonly quota: 'files' | 'bytes'
    readonly limit: number
    readonly plan: string
    /** The cheapest plan that would allow more; absent when none does. */
    readonly recommendedPlan?: string | undefined
  }
  'file-password-wrong': Record<never, never>
  /** The file has its short link already. */
  'file-linked': { readonly slug: string }
  'limit-reached': {
    readonly metric: Metric
    readonly limit: number
    readonly plan: string
    /** The cheapest plan that would allow more; absent when none does. */
    readonly recommended?: RecommendedPlan | undefined
  }
  /** Credits are used up, and so is what the team allows beyond them. */
  'surcharge-reached': {
    readonly plan: string
    readonly limit: number
    readonly surchargeLimit: number
  }
  /** The plan allows no more request origins and further keys together. */
  'extra-keys-used-up': { readonly limit: number; readonly plan: string }
  'origin-invalid': { readonly problem: string }
  /** The domain is registered already, by this team or another. */
  'origin-taken': { readonly domain: string }
  'origin-not-found': { readonly id: string }
  /** Only somebody with a higher role in the team, or the operator of the installation, may do this. */
  'role-required': { readonly role: 'owner' | 'admin' | 'operator' }
  /** There is nothing that could be cancelled or resumed: the team's plan is not paid for. */
  'no-subscription': { readonly plan: string }
  'order-not-found': { readonly id: string }
  /** The order is not waiting any more. */
  'order-decided': { readonly id: string; readonly status: 'approved' | 'rejected' | 'expired' }
  'address-invalid': { readonly text: string }
  /** The address is not of the public Internet; `purpose` says what it is for instead. */
  'address-special': { readonly ip: string; readonly purpose: string }
  /** No loaded source knows whose network the address is in. */
  'address-unknown': { readonly ip: string }
  'asn-invalid': { readonly text: string }
  'asn-unknown': { readonly asn: number }
  'prefix-invalid': { readonly text: string; readonly problem: string }
  /** The network data is being compiled for the first time, or cannot be at the moment. */
  'network-data-loading': { readonly retryAfterS: number }
  /** The answer takes data that was not loaded; `sources` are the names `onehop data update` knows. */
  'network-data-missing': { readonly data: 'relationships' | 'routes'; readonly sources: readonly string[] }
  /** A browser sent a session along with a request that another site made. */
  'cross-site': Record<never, never>
  /** What was to be changed is not in the state that the caller named. */
  'precondition-failed': Record<never, never>
  /** The key of a request that is not to be done twice came with another request before. */
  'idempotency-key-reused': Record<never, never>
  /** The same request is being done already. */
  'idempotency-key-busy': Record<never, never>
  /** The team follows as many streams as it may at a time. */
  'too-many-streams': { readonly limit: number }
  'rate-limited': { readonly limit: number; readonly windowS: number; readonly retryAfterS: number }
}

export type ErrorCode = keyof ErrorDetails

/**
 * An expected refusal by the domain.
 *
 * It carries no HTTP status: each dialect owns the mapping from `code` to its own wire format.
 * Anything else that is thrown is a bug and reaches the client as that dialect's generic 500.
 */
export class DomainError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'DomainError'
  readonly code: C
  readonly details: ErrorDetails[C]

  constructor(code: C, details: ErrorDetails[C]) {
    super(code)
    this.code = code
    this.details = details
  }
}

/** One renderer per error code; adding a code stops every dialect compiling until it answers it. */
export type ErrorMap<Wire> = { readonly [C in ErrorCode]: (details: ErrorDetails[C]) => Wire }

/** Render a domain error with a dialect's map. */
export function renderError<C extends ErrorCode, Wire>(map: ErrorMap<Wire>, error: DomainError<C>): Wire {
  return map[error.code](error.details)
}
