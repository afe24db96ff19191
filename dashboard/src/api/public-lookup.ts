import { ApiError } from './client.ts'

/** A system and its neighbours as the public lookup answers it; null where no relationships are loaded. */
export interface PublicAs {
  readonly asn: number
  readonly name: string
  readonly description: string
  readonly country: string | null
  readonly neighbours:
    | readonly { readonly kind: string; readonly systems: readonly Neighbour[] | null }[]
    | null
  /** How many lookups are left today; undefined where the server does not say. */
  readonly lookupsLeft: number | undefined
}

export interface Neighbour {
  readonly asn: number
  readonly name: string
  readonly description: string
}

interface SystemAnswer extends Neighbour {
  readonly country: string | null
}

interface LookupAnswer extends SystemAnswer {
  readonly upstreams: Sides
  readonly peers: Sides
  readonly customers: Sides
}

interface Sides {
  readonly ipv4: readonly Neighbour[] | null
  readonly ipv6: readonly Neighbour[] | null
}

/**
 * Look a system up as anybody may, a few times a day. Where no relationships are loaded, what is known of the system alone.
 *
 * @throws ApiError
 */
export async function lookUpPublicly(asn: number): Promise<PublicAs> {
  const response = await fetch(`/bgp/v1/asn/${asn}`, { headers: { accept: 'application/json' } })
  const left = Number(response.headers.get('ratelimit-remaining') ?? 'none')
  const lookupsLeft = Number.isNaN(left) ? undefined : left
  if (response.status === 503) {
    const known = await searchFor(asn)
    if (known !== undefined) return { ...known, neighbours: null, lookupsLeft }
  }
  const answer: unknown = await response.json().catch(() => ({}))
  if (!response.ok) throw problemOf(response.status, answer)
  const found = answer as LookupAnswer
  return {
    ...found,
    lookupsLeft,
    neighbours: [
      { kind: 'Upstreams', systems: merged(found.upstreams) },
      { kind: 'Peers', systems: merged(found.peers) },
      { kind: 'Customers', systems: merged(found.customers) },
    ],
  }
}

async function searchFor(asn: number): Promise<SystemAnswer | undefined> {
  const response = await fetch(`/bgp/v1/search?q=AS${asn}&limit=1`)
  if (!response.ok) return undefined
  const { results } = (await response.json()) as { readonly results: readonly SystemAnswer[] }
  return results.find((result) => result.asn === asn)
}

/** Neighbours over either version of IP. */
function merged({ ipv4, ipv6 }: Sides): readonly Neighbour[] | null {
  if (ipv4 === null && ipv6 === null) return null
  return [...new Map([...(ipv4 ?? []), ...(ipv6 ?? [])].map((system) => [system.asn, system])).values()]
}

function problemOf(status: number, answer: unknown): ApiError {
  const message =
    typeof answer === 'object' && answer !== null && 'message' in answer ? String(answer.message) : undefined
  return new ApiError(status, { ...(message !== undefined && { detail: message }), code: 'lookup-refused' })
}
