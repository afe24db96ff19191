/** What happened, told after it is committed, to whoever in this process must act on it. */
export type CoreEvent =
  /** The redirect of a slug is not what it was: created, changed or deleted. */
  | { readonly kind: 'link-changed'; readonly slug: string }
  /** A key, account, plan or request origin is not what it was. */
  | { readonly kind: 'access-changed' }
  /** A link is gone for good, and its clicks are to follow. */
  | { readonly kind: 'link-deleted' }
  /** A team is deleted, and what it has is to follow. */
  | { readonly kind: 'team-deleted' }
  /** Bytes of files are to be erased. */
  | { readonly kind: 'file-deleted' }
  /** A download went through and could not be counted. */
  | { readonly kind: 'download-not-counted'; readonly error: unknown }
  /** Something waits in the queue of deliveries. */
  | { readonly kind: 'delivery-queued' }
