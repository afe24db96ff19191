/** What can be asked for: a domain in ASCII, as it is registered, or an address. */
export type RdapTarget =
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'ip'; readonly ip: string }
