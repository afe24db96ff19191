import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { BaseUrl, Config, DialectName, S3Config } from './config.ts'
import {
  DIALECT_NAMES,
  LOG_LEVELS,
  SIGNUP_MODES,
  SWITCH,
  type Variable,
  type VariableName,
  VARIABLES,
} from './variables.ts'

/** The environment as a process gets it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A configuration, and what is odd about it. */
export interface ParsedConfig {
  readonly config: Config
  /** Sentences about what was probably not meant; nothing is refused for them. */
  readonly warnings: readonly string[]
}

/** Everything that is wrong with the configuration, one sentence each that says what to write instead. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Where a value ends in a message. */
const MAX_SHOWN_CHARACTERS = 100
/** What chance of any alphabet needs to be worth 128 bits. */
const MIN_SECRET_LENGTH = 32
/** Attempts at it are limited, and it opens little. */
const MIN_CRON_SECRET_LENGTH = 16
/** A name that differs in more places than these is no misspelling. */
const MAX_MISSPELLINGS = 3
const MAX_PORT = 65_535
const WHOIS_PORT = 43
const DNS_PORT = 53
const MAX_DNS_SERVERS = 8

const HOST_NAME = /^(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*\.?$/i

/**
 * The configuration that environment variables spell out. An empty value is as good as none.
 *
 * @throws ConfigError with every problem there is
 */
export function parseConfig(env: Environment): ParsedConfig {
  const source: Source = { env, problems: [] }
  const port = read(source, 'PORT', wholeNumberUpTo(65_535), 0)
  const baseUrl = read(
    source,
    'ONEHOP_BASE_URL',
    parseBaseUrl,
    baseUrlOf(new URL(`http://localhost:${port}`)),
  )
  const config: Config = {
    port,
    host: read(source, 'HOST', parseHost, ''),
    baseUrl,
    dataDir: read(source, 'ONEHOP_DATA_DIR', (text) => resolve(text), ''),
    databaseUrl: read<string | undefined>(source, 'DATABASE_URL', parseDatabaseUrl, undefined),
    s3: readS3(source),
    smtpUrl: read<string | undefined>(source, 'SMTP_URL', parseSmtpUrl, undefined),
    mailFrom: read(source, 'ONEHOP_MAIL_FROM', parseSender, senderAt(baseUrl)),
    secret: read<string | undefined>(source, 'ONEHOP_SECRET', textOfAtLeast(MIN_SECRET_LENGTH), undefined),
    cronSecret: read<string | undefined>(
      source,
      'ONEHOP_CRON_SECRET',
      textOfAtLeast(MIN_CRON_SECRET_LENGTH),
      undefined,
    ),
    trustProxy: read(source, 'ONEHOP_TRUST_PROXY', wholeNumberUpTo(16), 0),
    signup: read(source, 'ONEHOP_SIGNUP', oneOf(SIGNUP_MODES), 'open'),
    signupPlan: read(source, 'ONEHOP_SIGNUP_PLAN', (text) => text, ''),
    plansFile: read<string | undefined>(source, 'ONEHOP_PLANS_FILE', parseFile, undefined),
    apiHosts: read(source, 'ONEHOP_API_HOSTS', parseApiHosts, new Map<string, DialectName>()),
    allowPrivateTargets: read<readonly string[]>(source, 'ONEHOP_ALLOW_PRIVATE_TARGETS', parseNetworks, []),
    dataMirror: read<string | undefined>(source, 'ONEHOP_DATA_MIRROR', parseMirror, undefined),
    whoisServer: read<Config['whoisServer']>(source, 'ONEHOP_WHOIS_SERVER', parseWhoisServer, undefined),
    dnsServers: read<Config['dnsServers']>(source, 'ONEHOP_DNS_SERVERS', parseDnsServers, []),
    dnsblFile: read<string | undefined>(source, 'ONEHOP_DNSBL_FILE', parseFile, undefined),
    starterData: read(source, 'ONEHOP_STARTER_DATA', oneOf(SWITCH), 'on') === 'on',
    logLevel: read(source, 'ONEHOP_LOG_LEVEL', oneOf(LOG_LEVELS), 'info'),
  }
  if (source.problems.length > 0) throw new ConfigError(source.problems)
  return { config, warnings: unknownNames(env) }
}

interface Source {
  readonly env: Environment
  /** Grows as variables are read. */
  readonly problems: string[]
}

/** What is wrong with one value: sentences that go on from the name and the value. */
class InvalidValue extends Error {
  readonly complaints: readonly string[]

  constructor(...complaints: readonly string[]) {
    super(complaints.join('; '))
    this.complaints = complaints
  }
}

/**
 * @returns `fallback` when the variable is unset and has no default, and in place of a value that is wrong, which is
 *   noted as a problem
 */
function read<T>(source: Source, name: VariableName, parse: (text: string) => T, fallback: T): T {
  const variable: Variable = VARIABLES.find((known) => known.name === name) ?? {
    name,
    format: '',
    meaning: '',
  }
  const text = textOf(source, variable) ?? variable.default
  if (text === undefined) return fallback
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error
    const subject = variable.isSecret ? name : `${name}=${shown(text)}`
    source.problems.push(...error.complaints.map((complaint) => `${subject} ${complaint}.`))
    return fallback
  }
}

/** All of what opens an S3-compatible service, or nothing. */
function readS3(source: Source): S3Config | undefined {
  const text = (name: VariableName) => read<string | undefined>(source, name, (value) => value, undefined)
  const endpoint = read<string | undefined>(source, 'S3_ENDPOINT', parseEndpoint, undefined)
  const parts = {
    S3_BUCKET: read<string | undefined>(source, 'S3_BUCKET', parseBucket, undefined),
    S3_ACCESS_KEY_ID: text('S3_ACCESS_KEY_ID'),
    S3_SECRET_ACCESS_KEY: text('S3_SECRET_ACCESS_KEY'),
  }
  const region = text('S3_REGION') ?? ''
  const names = Object.keys(parts) as (keyof typeof parts)[]
  const isAnySet = endpoint !== undefined || names.some((name) => parts[name] !== undefined)
  // What is set and wrong is a problem already, and not one of being missing.
  const isMissing = (name: 'S3_ENDPOINT' | keyof typeof parts) =>
    !source.env[name]?.trim() && !source.env[`${name}_FILE`]?.trim()
  const missing = isAnySet ? (['S3_ENDPOINT', ...names] as const).filter(isMissing) : []
  if (missing.length > 0)
    source.problems.push(
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set, and the other S3 variables are; set all of them, or none.`,
    )
  const { S3_BUCKET: bucket, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = parts
  return endpoint === undefined || !bucket || !accessKeyId || !secretAccessKey
    ? undefined
    : { endpoint, bucket, accessKeyId, secretAccessKey, region }
}

function textOf(source: Source, variable: Variable): string | undefined {
  const value = source.env[variable.name]?.trim() || undefined
  const path = variable.isSecret ? source.env[`${variable.name}_FILE`]?.trim() : undefined
  if (!path) return value
  const fileName = `${variable.name}_FILE`
  if (value !== undefined) {
    source.problems.push(`${variable.name} and ${fileName} are both set; unset one of them.`)
    return undefined
  }
  try {
    const text = readFileSync(path, 'utf8').trim()
    if (text === '') source.problems.push(`${fileName}=${path} is an empty file; write the value into it.`)
    return text || undefined
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    source.problems.push(
      `${fileName}=${path} cannot be read (${reason}); name a file that the server may read, or unset it.`,
    )
    return undefined
  }
}

/** A value that may be shown: whatever stands before an `@` could be a password. */
function shown(text: string): string {
  const harmless = text.replace(/^.*@/s, '…@')
  return harmless.length > MAX_SHOWN_CHARACTERS ? `${harmless.slice(0, MAX_SHOWN_CHARACTERS)}…` : harmless
}

function wholeNumberUpTo(max: number) {
  return (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value <= max) return value
    throw new InvalidValue(`is no whole number from 0 to ${max}; write one`)
  }
}

function oneOf<T extends string>(choices: readonly T[]) {
  return (text: string): T => {
    const choice = choices.find((known) => known === text.toLowerCase())
    if (choice !== undefined) return choice
    throw new InvalidValue(`is not known; write ${listed(choices)}`)
  }
}

function parseHost(text: string): string {
  if (isIP(text) !== 0 || HOST_NAME.test(text)) return text
  throw new InvalidValue('is no address to listen on; write an IP address such as 0.0.0.0, or a host name')
}

function parseBaseUrl(text: string): BaseUrl {
  const example = 'write one such as https://go.example.com'
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new InvalidValue(`is no http:// or https:// URL; ${example}`)
  const complaints = [
    url.username !== '' || url.password !== '' ? 'holds a user name or password; write the URL without' : '',
    url.pathname !== '/' ? `has a path, but short links live at the root of a host; ${example}` : '',
    url.search !== '' || url.hash !== '' ? 'has a query or fragment; write the URL without' : '',
  ].filter((complaint) => complaint !== '')
  if (complaints.length > 0) throw new InvalidValue(...complaints)
  return baseUrlOf(url)
}

function baseUrlOf(url: URL): BaseUrl {
  return { href: url.origin, origin: url.origin, host: url.host }
}

function parseEndpoint(text: string): string {
  const url = URL.parse(text)
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (isPlain && /^https?:$/.test(url.protocol) && url.pathname === '/') return url.origin
  throw new InvalidValue(
    'is no address of a service; write one such as https://s3.example.com, without a path',
  )
}

/** What S3 allows a bucket that is addressed by path. */
function parseBucket(text: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9._-]{1,61}[a-zA-Z0-9]$/.test(text)) return text
  throw new InvalidValue('is no name of a bucket: 3 to 63 letters, digits, dots, hyphens and underscores')
}

function parseMirror(text: string): string {
  const url = URL.parse(text)
  const isPlain = url?.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (isPlain && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href.replace(/\/+$/, '')
  throw new InvalidValue(
    'is no http:// or https:// URL without user name, query and fragment; write one such as http://mirror.example/onehop',
  )
}

function parseDatabaseUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return text
  throw new InvalidValue(
    'is no PostgreSQL URL; write postgres://user:password@host:5432/database with special characters percent-encoded, or unset it to use SQLite',
  )
}

function parseSmtpUrl(text: string): string {
  const url = URL.parse(text)
  const isPlain = url !== null && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === ''
  const isSmtp = (url?.protocol === 'smtp:' || url?.protocol === 'smtps:') && url.hostname !== ''
  if (isPlain && isSmtp && isDecodable(url.username) && isDecodable(url.password)) return text
  throw new InvalidValue(
    'is no SMTP URL; write smtp://user:password@host:587 or smtps://user:password@host:465 with special characters percent-encoded, or unset it to send no mail',
  )
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function parseSender(text: string): string {
  if (/^(?:[^<>"@,;:\\\p{Cc}]+ <[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/u.test(text)) return text
  throw new InvalidValue('is no sender; write name@example.com or Name <name@example.com>')
}

function senderAt(baseUrl: BaseUrl): string {
  return `Onehop <no-reply@${new URL(baseUrl.href).hostname}>`
}

function textOfAtLeast(length: number) {
  return (text: string): string => {
    if (text.length >= length) return text
    throw new InvalidValue(`has fewer than ${length} characters; draw a longer one, or unset it`)
  }
}

function parseFile(text: string): string {
  const path = resolve(text)
  if (existsSync(path)) return path
  throw new InvalidValue(`names a file that does not exist (${path}); correct the path, or unset it`)
}

function parseApiHosts(text: string): ReadonlyMap<string, DialectName> {
  const hosts = new Map<string, DialectName>()
  const complaints: string[] = []
  for (const binding of text.split(',').map((part) => part.trim())) {
    if (binding === '') continue
    const [api = '', name = '', ...rest] = binding.split('=').map((part) => part.trim())
    const dialect = DIALECT_NAMES.find((known) => known === api.toLowerCase())
    const host = rest.length === 0 ? bareHost(name) : undefined
    if (dialect === undefined)
      complaints.push(`names an unknown API in "${binding}"; write ${listed(DIALECT_NAMES)} before the "="`)
    if (host === undefined)
      complaints.push(`has no host name in "${binding}"; write API=host such as lnk7=a.example, without port`)
    if (dialect === undefined || host === undefined) continue
    if (hosts.has(host)) complaints.push(`gives the host ${host} away twice; name each host once`)
    hosts.set(host, dialect)
  }
  if (complaints.length > 0) throw new InvalidValue(...complaints)
  return hosts
}

function parseWhoisServer(text: string): { readonly host: string; readonly port: number } {
  if (isIP(text) !== 0) return { host: text, port: WHOIS_PORT }
  const [, bracketed, name = '', digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const isHost = bracketed === undefined ? isIP(name) === 4 || HOST_NAME.test(name) : isIP(bracketed) === 6
  const port = Number(digits ?? WHOIS_PORT)
  if (isHost && port > 0 && port <= MAX_PORT) return { host: bracketed ?? name, port }
  throw new InvalidValue(
    'is no server; write a host name or IP address, with a port behind a colon where it is not 43',
  )
}

function parseDnsServers(text: string): Config['dnsServers'] {
  const entries = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const servers = entries.map(parseDnsServer)
  const complaints = entries
    .filter((_, index) => servers[index] === undefined)
    .map(
      (entry) =>
        `has "${entry}", which is no IP address of a resolver; write one such as 127.0.0.1 or [::1]:5353`,
    )
  if (servers.length > MAX_DNS_SERVERS)
    complaints.push(`names ${servers.length} resolvers; ${MAX_DNS_SERVERS} are enough`)
  if (complaints.length > 0) throw new InvalidValue(...complaints)
  return servers.filter((server) => server !== undefined)
}

/** @returns undefined for anything but an IP address, with a port or without */
function parseDnsServer(text: string): Config['dnsServers'][number] | undefined {
  if (isIP(text) !== 0) return { address: text, port: DNS_PORT }
  const [, bracketed, dotted = '', digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const isAddress = bracketed === undefined ? isIP(dotted) === 4 : isIP(bracketed) === 6
  const port = Number(digits ?? DNS_PORT)
  return isAddress && port > 0 && port <= MAX_PORT ? { address: bracketed ?? dotted, port } : undefined
}

function parseNetworks(text: string): readonly string[] {
  const networks = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const complaints = networks
    .filter((network) => !isNetwork(network))
    .map(
      (network) =>
        `has "${network}", which is no IP address and no CIDR block; write one such as 10.1.0.0/16`,
    )
  if (complaints.length > 0) throw new InvalidValue(...complaints)
  return networks
}

/** Whether text is an IP address without a zone, or a CIDR block. */
function isNetwork(text: string): boolean {
  const [ip = '', prefix, ...rest] = text.split('/')
  const maxBits = isIP(ip) === 4 ? 32 : 128
  if (isIP(ip) === 0 || ip.includes('%') || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= maxBits)
}

/** A host name as requests spell it; undefined for anything with more to it, such as a port. */
function bareHost(text: string): string | undefined {
  if (text === '' || /[/@?#\\\s]|:\d*$/.test(text.replace(/^\[.*\]$/, ''))) return undefined
  return URL.parse(`http://${text}/`)?.hostname
}

function unknownNames(env: Environment): readonly string[] {
  const known: readonly string[] = VARIABLES.flatMap((variable: Variable) =>
    variable.isSecret ? [variable.name, `${variable.name}_FILE`] : [variable.name],
  )
  return Object.keys(env)
    .filter((name) => name.startsWith('ONEHOP_') && env[name] !== undefined && !known.includes(name))
    .map((name) => {
      const guess = nearest(name, known)
      return `${name} means nothing to Onehop${guess === undefined ? '.' : `; did you mean ${guess}?`}`
    })
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const candidates = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ distance }) => distance <= MAX_MISSPELLINGS)
  return candidates.toSorted((a, b) => a.distance - b.distance)[0]?.candidate
}

/** How many characters must be added, dropped or replaced to turn one text into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, character] of Array.from(from).entries()) {
    const next = [i + 1]
    for (const [j, other] of Array.from(to).entries()) {
      const replaced = (row[j] ?? 0) + (character === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

function listed(choices: readonly string[]): string {
  return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1) ?? ''}`
}
