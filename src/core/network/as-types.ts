import type { AsType } from './network.ts'
import { foldName } from './names-index.ts'

/** What a system's type is concluded from. */
export interface AsTraits {
  /** Its registered handle and the name of its holder. */
  readonly names: readonly string[]
  /** The class that bgp.tools gives it: `Eyeball`, `Content`, `Carrier`, `T1`. */
  readonly networkClass: string
  /** bgp.tools' tags. */
  readonly tags: ReadonlySet<string>
  /** A list of networks of datacenters names the whole system. */
  readonly isListedDatacenter: boolean
  /** How many customers it has in the AS graph. */
  readonly customers: number
}

export interface TypeConclusion {
  readonly type: AsType
  /** What it was concluded from: `tag uni`, `class Eyeball`, `name`, `customers`. */
  readonly rule: string
  readonly evidence: 'tag' | 'class' | 'list' | 'name' | 'graph'
}

/** With so many customers a network sells transit. */
const TRANSIT_CUSTOMERS = 10

const CLASS_TYPES: Readonly<Record<string, AsType>> = {
  Content: 'HOSTING',
  Eyeball: 'ISP',
  Carrier: 'ISP',
  T1: 'ISP',
}

/**
 * The first rule that applies decides: what a network is for (government, education), then what it was classed as, then
 * what tags and lists say of it, what its names say, and at last whether others buy transit from it. A tag `vpn` decides
 * nothing: half of all hosters have it, and their users. Of tags, those of access networks come before those of hosters:
 * an ISP that hosts is an ISP, and lists of datacenters name some by mistake.
 */
const TAG_TYPES: readonly (readonly [tag: string, type: AsType])[] = [
  ['dsl', 'ISP'],
  ['mobile', 'ISP'],
  ['satnet', 'ISP'],
  ['cdn', 'HOSTING'],
  ['ddosm', 'HOSTING'],
  ['vpsh', 'HOSTING'],
  ['corp', 'BUSINESS'],
  ['biznet', 'ISP'],
  ['icrit', 'BUSINESS'],
]

/** Words of names, folded as {@link foldName} does. A word ends with `*` where only its beginning counts. */
const NAME_WORDS: readonly (readonly [type: AsType, words: string])[] = [
  [
    'EDUCATION',
    `universi* univ college collegio colegio school schools schule hochschule fachhochschule academy academia academic
      education educational educacion educacao escola escuela ecole lycee institut* polytechnic* politechnik* politecnic*
      campus student* facultad faculty gymnasium uniwersytet egyetem universitas nren research`,
  ],
  [
    'GOVERNMENT',
    `government govt gov gobierno governo gouvernement ministry ministerio ministerstvo ministere ministerium ministero
      municipality municipalidad municipio prefeitura ayuntamiento bundesamt bundes* federal* parliament senate congress
      police policia polizei army navy airforce military defense defence county township stadt gemeente kommune kommun
      treasury customs judiciary tribunal prefecture`,
  ],
  [
    'HOSTING',
    `hosting host hosts hoster cloud clouds datacenter datacenters datacentre datacentres colo colocation vps servers
      server serverhosting dedicated webhosting cdn hostinger hosted`,
  ],
  [
    'ISP',
    `telecom telecoms telecomm telecom* telekom* telco telefon* telephone* communications communication comunicacoes
      comunicaciones comunicacao broadband isp internet wireless wifi fiber fibre fibra cable cablevision cabletel
      mobile cellular gsm wisp provedor provedora provedores netcom telemar telenor network networks net tel`,
  ],
  [
    'BUSINESS',
    `bank banco banque bankasi banka insurance assurance versicherung versicherungen hospital hospitals clinic airlines
      airways airport pharma pharmaceutical* automotive motors capital holding holdings financial finance securities
      exchange trading retail logistics energy electric power oil gas petroleum mining foods hotel hotels casino media
      newspaper publishing manufacturing industries consulting`,
  ],
]

/** Names that hold words of another kind: a bank's college is rare, a research hospital is not. */
const compiledWords = NAME_WORDS.map(([type, words]) => {
  const all = words.split(/\s+/)
  return {
    type,
    whole: new Set(all.filter((word) => !word.endsWith('*'))),
    beginnings: all.filter((word) => word.endsWith('*')).map((word) => word.slice(0, -1)),
  }
})

/** What a system is for; undefined where nothing says so. */
export function concludeType(traits: AsTraits): TypeConclusion | undefined {
  const { tags, networkClass, names } = traits
  if (tags.has('gov')) return { type: 'GOVERNMENT', rule: 'tag gov', evidence: 'tag' }
  if (tags.has('uni')) return { type: 'EDUCATION', rule: 'tag uni', evidence: 'tag' }
  const ofClass = CLASS_TYPES[networkClass]
  if (ofClass !== undefined) return { type: ofClass, rule: `class ${networkClass}`, evidence: 'class' }
  for (const [tag, type] of TAG_TYPES) if (tags.has(tag)) return { type, rule: `tag ${tag}`, evidence: 'tag' }
  if (traits.isListedDatacenter) return { type: 'HOSTING', rule: 'list of datacenters', evidence: 'list' }
  const named = typeOfNames(names)
  if (named !== undefined) return { type: named, rule: 'name', evidence: 'name' }
  if (traits.customers >= TRANSIT_CUSTOMERS)
    return { type: 'ISP', rule: `${traits.customers} customers`, evidence: 'graph' }
  return undefined
}

function typeOfNames(names: readonly string[]): AsType | undefined {
  const words = names.flatMap((name) => foldName(name).split(' '))
  return compiledWords.find(({ whole, beginnings }) =>
    words.some((word) => whole.has(word) || beginnings.some((beginning) => word.startsWith(beginning))),
  )?.type
}

/** Names such as `Amazon.com, Inc.` and `Booking.com BV`, and of the generic domains alone: `S.A.` is none. */
const NAMED_DOMAIN = /^([a-z0-9][a-z0-9-]{1,62}\.(?:com|net|org))(?:[\s,]|$)/i

/** The domain that a holder's name begins with, in lower case; undefined where it does not. */
export function domainInName(organization: string): string | undefined {
  return NAMED_DOMAIN.exec(organization)?.[1]?.toLowerCase()
}
