/** The public APIs a hostname can be given to. */
export const DIALECT_NAMES = ['lnk7', 'lynklens', 'linktj', 'lynk', 'ipgeolocation', 'onehop'] as const

/** What is written to the log: messages of this level and of those after it, none for `silent`. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

/** Whether something is used. */
export const SWITCH = ['on', 'off'] as const

/** Whether strangers may create accounts. */
export const SIGNUP_MODES = ['open', 'closed'] as const

/** One environment variable, as the parser and the documentation know it. */
export interface Variable {
  readonly name: string
  /** The value when it is unset or empty. */
  readonly default?: string
  /** What unset means where no fixed value could stand for it. */
  readonly whenUnset?: string
  /** How a value is written, units included. */
  readonly format: string
  /** What it is for, in one line. */
  readonly meaning: string
  /** Never shown in a message or a log; `NAME_FILE` names a file to read it from. */
  readonly isSecret?: true
}

/** Every environment variable the server reads. */
export const VARIABLES = [
  {
    name: 'PORT',
    default: '3000',
    format: 'number, 0–65535; 0 takes a free one',
    meaning: 'TCP port the server listens on.',
  },
  {
    name: 'HOST',
    default: '0.0.0.0',
    format: 'IP address or host name',
    meaning: 'Address the server listens on; 0.0.0.0 is every one of the machine.',
  },
  {
    name: 'ONEHOP_BASE_URL',
    whenUnset: 'http://localhost:$PORT',
    format: 'http(s) URL without a path',
    meaning: 'How the world reaches the server: the address in short links, QR codes and mail.',
  },
  {
    name: 'ONEHOP_DATA_DIR',
    default: './data',
    format: 'directory, made when it is missing',
    meaning: 'Everything the server keeps: databases, clicks not yet counted, its own secrets.',
  },
  {
    name: 'DATABASE_URL',
    whenUnset: 'SQLite in the data directory',
    format: 'postgres://user:password@host:5432/database',
    meaning: 'PostgreSQL database to use instead of SQLite.',
    isSecret: true,
  },
  {
    name: 'S3_ENDPOINT',
    whenUnset: 'shared files are in the data directory',
    format: 'http(s) URL without a path',
    meaning:
      'S3-compatible service that keeps shared files; several servers need one. The others belong to it.',
  },
  {
    name: 'S3_BUCKET',
    whenUnset: 'needed with S3_ENDPOINT',
    format: 'name',
    meaning: 'Bucket the files are in, below files/. Nothing in it should be public.',
  },
  {
    name: 'S3_ACCESS_KEY_ID',
    whenUnset: 'needed with S3_ENDPOINT',
    format: 'text',
    meaning: 'Access key that may read, write and delete objects of the bucket.',
    isSecret: true,
  },
  {
    name: 'S3_SECRET_ACCESS_KEY',
    whenUnset: 'needed with S3_ENDPOINT',
    format: 'text',
    meaning: 'Secret of that access key.',
    isSecret: true,
  },
  {
    name: 'S3_REGION',
    default: 'us-east-1',
    format: 'name',
    meaning: 'Region that requests to the service are signed for.',
  },
  {
    name: 'SMTP_URL',
    whenUnset: 'no mail is sent',
    format: 'smtp://user:password@host:587 or smtps://user:password@host:465',
    meaning:
      'Mail server that takes our mails; without one they are logged when the base URL is this machine.',
    isSecret: true,
  },
  {
    name: 'ONEHOP_MAIL_FROM',
    whenUnset: 'no-reply at the host of the base URL',
    format: 'name@example.com or Name <name@example.com>',
    meaning: 'Sender of our mails.',
  },
  {
    name: 'ONEHOP_SECRET',
    whenUnset: 'made at the first start, in the data directory',
    format: 'text of at least 32 characters',
    meaning: 'Master key of tokens and stored secrets; the same for all processes of one installation.',
    isSecret: true,
  },
  {
    name: 'ONEHOP_CRON_SECRET',
    whenUnset: 'made at the first start; `onehop cron-secret` shows it',
    format: 'text of at least 16 characters',
    meaning: 'What an external scheduler shows at /api/cron.',
    isSecret: true,
  },
  {
    name: 'ONEHOP_TRUST_PROXY',
    default: '0',
    format: 'number, 0–16',
    meaning: 'How many reverse proxies in front are believed about the client address (X-Forwarded-For).',
  },
  {
    name: 'ONEHOP_SIGNUP',
    default: 'open',
    format: SIGNUP_MODES.join(' or '),
    meaning: 'Whether strangers may create accounts.',
  },
  {
    name: 'ONEHOP_SIGNUP_PLAN',
    default: 'Free',
    format: 'name of a plan',
    meaning: 'Plan of a new account.',
  },
  {
    name: 'ONEHOP_PLANS_FILE',
    whenUnset: 'the built-in plans',
    format: 'file',
    meaning: 'Catalogue of plans to use instead of the built-in one.',
  },
  {
    name: 'ONEHOP_API_HOSTS',
    whenUnset: 'none',
    format: 'API=host, comma-separated: lnk7=a.example,linktj=b.example',
    meaning: `Host names that serve one API alone, out of ${DIALECT_NAMES.join(', ')}.`,
  },
  {
    name: 'ONEHOP_ALLOW_PRIVATE_TARGETS',
    whenUnset: 'none',
    format: 'CIDR blocks and IP addresses, comma-separated: 10.1.0.0/16,fd00::/8',
    meaning: 'Private addresses that page titles, webhooks and lookups may reach all the same.',
  },
  {
    name: 'ONEHOP_DATA_MIRROR',
    whenUnset: 'the publishers themselves',
    format: 'http(s) URL, such as http://mirror.example/onehop',
    meaning:
      'Where network data are downloaded from: the file of a source at /SOURCE below it, or each part at /SOURCE/PART.',
  },
  {
    name: 'ONEHOP_WHOIS_SERVER',
    whenUnset: 'by registry',
    format: 'host or host:port: whois.example.com, 127.0.0.1:4343',
    meaning: 'WHOIS server that is asked everything instead of the registries.',
  },
  {
    name: 'ONEHOP_DNS_SERVERS',
    whenUnset: 'those of /etc/resolv.conf',
    format:
      'IP addresses, with a port where it is not 53, comma-separated: 127.0.0.1,192.0.2.1:5353,[::1]:53',
    meaning: 'DNS resolvers that lookups ask, in this order. Blocklists refuse public ones: use your own.',
  },
  {
    name: 'ONEHOP_DNSBL_FILE',
    whenUnset: 'the built-in blocklists',
    format: 'JSON file',
    meaning: 'Catalogue of DNS blocklists, to use instead of the built-in one or to add keyed zones to it.',
  },
  {
    name: 'ONEHOP_STARTER_DATA',
    default: 'on',
    format: 'on, off',
    meaning: 'Whether lookups use the databases that came with `npm install`, beside those of `onehop data`.',
  },
  {
    name: 'ONEHOP_LOG_LEVEL',
    default: 'info',
    format: LOG_LEVELS.join(', '),
    meaning: 'Least important messages that are logged.',
  },
] as const satisfies readonly Variable[]

/** The name of a variable in {@link VARIABLES}. */
export type VariableName = (typeof VARIABLES)[number]['name']
