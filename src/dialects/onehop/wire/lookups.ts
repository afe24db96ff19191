import { z } from 'zod'

const AsBrief = z
  .object({ asn: z.int(), name: z.string(), organization: z.string(), country: z.string().nullable() })
  .meta({ id: 'AutonomousSystem' })

const Counts = z.object({
  upstreams: z.int(),
  peers: z.int(),
  customers: z.int(),
  cone: z.int().meta({ description: 'Systems in its customer cone, itself included.' }),
  is_cone_estimate: z.boolean(),
})

const Neighbours = z.object({
  upstreams: z.array(AsBrief),
  peers: z.array(AsBrief),
  customers: z.array(AsBrief),
})

/** By version of IP; null where no relationships are loaded. */
const byIpVersion = <S extends z.ZodType>(schema: S) =>
  z.object({ ipv4: schema.nullable(), ipv6: schema.nullable() })

export const AsLookup = z
  .object({
    kind: z.literal('asn'),
    query: z.string(),
    as: AsBrief.extend({
      type: z.string().nullable(),
      domain: z.string().nullable(),
      rir: z.string().nullable(),
      allocated: z.string().nullable(),
      status: z.string().nullable(),
      tags: z.array(z.string()),
    }),
    graph: byIpVersion(Counts),
    neighbours: byIpVersion(Neighbours),
    prefixes: z
      .object({ ipv4: z.array(z.string()), ipv6: z.array(z.string()), total: z.int() })
      .nullable()
      .meta({ description: 'The first thousand it announces; null where no source of them is loaded.' }),
    source: z.string().meta({ description: 'What the neighbours were made from.' }),
  })
  .meta({ id: 'AsLookup' })
export type AsLookup = z.infer<typeof AsLookup>

export const NetworkLookup = z
  .object({
    kind: z.enum(['prefix', 'name']),
    query: z.string(),
    total: z.int(),
    results: z.array(
      z.union([
        AsBrief,
        z.object({ prefix: z.string(), first: z.string(), last: z.string(), origins: z.array(AsBrief) }),
      ]),
    ),
  })
  .meta({ id: 'NetworkLookup' })
export type NetworkLookup = z.infer<typeof NetworkLookup>

export const TargetLookup = z
  .looseObject({
    kind: z.enum(['ip', 'domain']),
    query: z.string(),
    mode: z.enum(['lite', 'full']),
    ip: z.string().nullable(),
    errors: z.record(z.string(), z.unknown()),
  })
  .meta({
    id: 'TargetLookup',
    description:
      'The report on an address or a domain, with the fields of the lynk API: `docs/dialects/lynk.md`.',
  })
export type TargetLookup = z.infer<typeof TargetLookup>

export const Lookup = z.discriminatedUnion('kind', [AsLookup, NetworkLookup, TargetLookup])
export type Lookup = z.infer<typeof Lookup>
