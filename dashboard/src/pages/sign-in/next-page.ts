/** Where to go after signing in: a page of ours that was asked for, or the overview. */
export function nextPage(search: URLSearchParams): string {
  const next = search.get('next') ?? ''
  // Nowhere else: `//example.com` would be another server's.
  return /^\/app(?:[/?]|$)/.test(next) ? next : '/app'
}
