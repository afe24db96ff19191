import { disposableEmailBlocklist } from 'disposable-email-domains-js'

let domains: ReadonlySet<string> | undefined

/**
 * Whether mail addresses at a domain are made to be thrown away, by a public list of such services; a name below one of
 * theirs is theirs.
 *
 * @param domain in its ASCII form
 */
export function isDisposableDomain(domain: string): boolean {
  domains ??= new Set(disposableEmailBlocklist())
  const name = domain.toLowerCase().replace(/\.$/, '')
  for (let dot = -1; ;) {
    if (domains.has(name.slice(dot + 1))) return true
    dot = name.indexOf('.', dot + 1)
    if (dot < 0) return false
  }
}
