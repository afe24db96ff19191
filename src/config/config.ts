import type { DIALECT_NAMES, LOG_LEVELS, SIGNUP_MODES } from './variables.ts'

/** One of the public APIs this server speaks. */
export type DialectName = (typeof DIALECT_NAMES)[number]

/** What is logged: see `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** How the world reaches the server. There is no path: short links live at the root. */
export interface BaseUrl {
  /** Without a slash at the end, to put a path behind. */
  readonly href: string
  readonly origin: string
  /** With the port where it is not the scheme's own. */
  readonly host: string
}

/** An S3-compatible service and what opens it. */
export interface S3Config {
  /** `http(s)://host[:port]` */
  readonly endpoint: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

/** The choices of the operator, checked. */
export interface Config {
  /** 0–65535; with 0 the operating system picks a free one. */
  readonly port: number
  readonly host: string
  readonly baseUrl: BaseUrl
  /** Absolute. */
  readonly dataDir: string
  /** A `postgres:` or `postgresql:` URL, which may hold a password; undefined for SQLite in the data directory. */
  readonly databaseUrl: string | undefined
  /** Where shared files are; undefined for the data directory. */
  readonly s3: S3Config | undefined
  /** A `smtp:` or `smtps:` URL, which may hold a password; undefined where no mail server is configured. */
  readonly smtpUrl: string | undefined
  /** `name@example.com` or `Name <name@example.com>`. */
  readonly mailFrom: string
  /** The master key, at least 32 characters; undefined for the data directory's own. */
  readonly secret: string | undefined
  /** What opens `/api/cron`, at least 16 characters; undefined for the installation's own. */
  readonly cronSecret: string | undefined
  /** How many proxies in front are believed about the client's address, 0–16. */
  readonly trustProxy: number
  readonly signup: (typeof SIGNUP_MODES)[number]
  readonly signupPlan: string
  /** Absolute; undefined for the built-in catalogue. */
  readonly plansFile: string | undefined
  /** Lower-case host name, without a port, to the API that is alone on it. */
  readonly apiHosts: ReadonlyMap<string, DialectName>
  /** CIDR blocks and IP addresses that outgoing requests may reach although they are not public. */
  readonly allowPrivateTargets: readonly string[]
  /** An http(s) URL without a slash at its end; undefined for the publishers' own. */
  readonly dataMirror: string | undefined
  /** Asked instead of the registries' WHOIS servers; undefined for those. */
  readonly whoisServer: { readonly host: string; readonly port: number } | undefined
  /** Recursive resolvers, by IP address, in the order they are asked; none for the system's. */
  readonly dnsServers: readonly { readonly address: string; readonly port: number }[]
  /** Absolute; undefined for the built-in catalogue of blocklists alone. */
  readonly dnsblFile: string | undefined
  /** Whether network data that came with `npm install` are used. */
  readonly starterData: boolean
  readonly logLevel: LogLevel
}
