/**
 * What a team can be told of by webhook, by event name. `link.created` and `subscription.created` are linktj's, to the
 * letter (contract "Webhooks"); the others are ours.
 */
export interface WebhookEvents {
  'link.created': LinkFacts
  'link.updated': LinkFacts
  'link.deleted': LinkFacts
  /** Clicks since the last event of this kind, bots included; a link is in it at most once. */
  'link.clicked': { readonly total: number; readonly links: readonly ClickedLink[] }
  /** Started, or renewed. */
  'subscription.created': {
    readonly plan: string
    /** In the currency's main unit. */
    readonly amount: number
    readonly interval: 'month' | 'year'
  }
  'file.downloaded': { readonly id: string; readonly name: string; readonly size: number }
  /** Sent when somebody asks for it; nobody needs to subscribe. */
  'webhook.test': { readonly message: string }
}

export interface LinkFacts {
  /** Opaque. */
  readonly id: string
  readonly slug: string
  /** Where it leads: its target, or the page of a typed link. */
  readonly url: string
}

export interface ClickedLink {
  readonly id: string
  readonly slug: string
  readonly clicks: number
}

/** The events a webhook can subscribe to. */
export const SUBSCRIBABLE_EVENTS = [
  'link.created',
  'link.updated',
  'link.deleted',
  'link.clicked',
  'subscription.created',
  'file.downloaded',
] as const satisfies readonly (keyof WebhookEvents)[]

export type SubscribableEvent = (typeof SUBSCRIBABLE_EVENTS)[number]
export type WebhookEventName = keyof WebhookEvents

/** Something that happened to a team, with the data its receivers get. */
export type WebhookEvent<N extends WebhookEventName = WebhookEventName> = {
  readonly [Name in N]: { readonly event: Name; readonly data: WebhookEvents[Name] }
}[N]
