import { z } from 'zod'

const SourceNumber = z.int().min(0).max(255)
const BySource = z.record(z.string(), SourceNumber)

/** What the reader of a flat file must know beside its arrays. Sources are numbered from 1; 0 is none. */
const Facts = z.object({
  builtAtMs: z.int(),
  sources: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      license: z.string(),
      /** Empty where nobody says. */
      date: z.string(),
      rows: z.int(),
    }),
  ),
  /** The geo databases, the most trusted first, and the group of columns each is in. */
  places: z.array(z.object({ source: SourceNumber, group: z.string() })),
  /** The tags of systems by their bits, each with the number of its source before it. */
  tags: z.array(z.string()),
  /** By version of IP. */
  graph: BySource,
  cones: BySource,
  routes: z.object({ ipv4: SourceNumber, ipv6: SourceNumber }),
  /** By kind of list: which are loaded. */
  lists: BySource,
})

export type NetworkFacts = z.infer<typeof Facts>
export type PlaceFacts = NetworkFacts['places'][number]

export const NO_FACTS: NetworkFacts = {
  builtAtMs: 0,
  sources: [],
  places: [],
  tags: [],
  graph: {},
  cones: {},
  routes: { ipv4: 0, ipv6: 0 },
  lists: {},
}

/** @throws Error when a file says something else than facts about networks */
export function parseFacts(facts: unknown): NetworkFacts {
  return Facts.parse(facts)
}
