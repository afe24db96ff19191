import { expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { configHelpMarkdown, configHelpText } from './config-help.ts'
import { ConfigError, type Environment, parseConfig } from './parse-config.ts'
import { VARIABLES } from './variables.ts'

test('without any variable the server has a whole configuration', () => {
  const { config, warnings } = parseConfig({})

  expect(config).toEqual({
    port: 3000,
    host: '0.0.0.0',
    baseUrl: { href: 'http://localhost:3000', origin: 'http://localhost:3000', host: 'localhost:3000' },
    dataDir: resolve('data'),
    databaseUrl: undefined,
    s3: undefined,
    smtpUrl: undefined,
    mailFrom: 'Onehop <no-reply@localhost>',
    trustProxy: 0,
    signup: 'open',
    signupPlan: 'Free',
    plansFile: undefined,
    apiHosts: new Map(),
    allowPrivateTargets: [],
    dataMirror: undefined,
    secret: undefined,
    whoisServer: undefined,
    dnsServers: [],
    dnsblFile: undefined,
    cronSecret: undefined,
    starterData: true,
    logLevel: 'info',
  })
  expect(warnings).toEqual([])
})

test('every variable is honoured', () => {
  const { config } = parseConfig({
    PORT: '8080',
    HOST: '::1',
    ONEHOP_BASE_URL: 'https://Go.Example.com/',
    ONEHOP_DATA_DIR: '/srv/onehop',
    DATABASE_URL: 'postgres://app:secret@db.example/onehop',
    S3_ENDPOINT: 'https://S3.Example.com:9000/',
    S3_BUCKET: 'onehop-files',
    S3_ACCESS_KEY_ID: 'key id',
    S3_SECRET_ACCESS_KEY: 'key secret',
    S3_REGION: 'eu-central-1',
    SMTP_URL: 'smtps://app:s%40cret@mail.example:465',
    ONEHOP_MAIL_FROM: 'Short Links <links@go.example.com>',
    ONEHOP_SECRET: 'thirty-two characters at the least',
    ONEHOP_CRON_SECRET: 'sixteen at least',
    ONEHOP_TRUST_PROXY: '2',
    ONEHOP_SIGNUP: 'closed',
    ONEHOP_SIGNUP_PLAN: 'Pro',
    ONEHOP_PLANS_FILE: import.meta.path,
    ONEHOP_API_HOSTS: 'lnk7=a.example, linktj = B.Example',
    ONEHOP_ALLOW_PRIVATE_TARGETS: '10.1.0.0/16, 127.0.0.1,fd00::/8,',
    ONEHOP_DATA_MIRROR: 'https://Mirror.example/onehop/',
    ONEHOP_WHOIS_SERVER: 'Whois.example:4343',
    ONEHOP_DNS_SERVERS: '127.0.0.1, 192.0.2.1:5353,::1,[2001:db8::1]:54,',
    ONEHOP_DNSBL_FILE: import.meta.path,
    ONEHOP_STARTER_DATA: 'off',
    ONEHOP_LOG_LEVEL: 'debug',
  })

  expect(config).toEqual({
    port: 8080,
    host: '::1',
    baseUrl: { href: 'https://go.example.com', origin: 'https://go.example.com', host: 'go.example.com' },
    dataDir: '/srv/onehop',
    databaseUrl: 'postgres://app:secret@db.example/onehop',
    s3: {
      endpoint: 'https://s3.example.com:9000',
      bucket: 'onehop-files',
      accessKeyId: 'key id',
      secretAccessKey: 'key secret',
      region: 'eu-central-1',
    },
    smtpUrl: 'smtps://app:s%40cret@mail.example:465',
    mailFrom: 'Short Links <links@go.example.com>',
    secret: 'thirty-two characters at the least',
    cronSecret: 'sixteen at least',
    trustProxy: 2,
    signup: 'closed',
    signupPlan: 'Pro',
    plansFile: import.meta.path,
    apiHosts: new Map([
      ['a.example', 'lnk7'],
      ['b.example', 'linktj'],
    ]),
    allowPrivateTargets: ['10.1.0.0/16', '127.0.0.1', 'fd00::/8'],
    dataMirror: 'https://mirror.example/onehop',
    whoisServer: { host: 'Whois.example', port: 4343 },
    dnsServers: [
      { address: '127.0.0.1', port: 53 },
      { address: '192.0.2.1', port: 5353 },
      { address: '::1', port: 53 },
      { address: '2001:db8::1', port: 54 },
    ],
    dnsblFile: import.meta.path,
    starterData: false,
    logLevel: 'debug',
  })
})

test('an empty value is as good as none', () => {
  const empty = Object.fromEntries(VARIABLES.map((variable) => [variable.name, ' ']))

  expect(parseConfig({ ...empty, DATABASE_URL_FILE: '' })).toEqual(parseConfig({}))
})

test('the default base URL follows the port', () => {
  expect(parseConfig({ PORT: '8123' }).config.baseUrl.href).toBe('http://localhost:8123')
})

test.each([
  [{ PORT: 'abc' }, 'PORT=abc is no whole number from 0 to 65535; write one.'],
  [{ PORT: '65536' }, 'PORT=65536 is no whole number from 0 to 65535; write one.'],
  [{ PORT: '-1' }, 'PORT=-1 is no whole number from 0 to 65535; write one.'],
  [{ PORT: '3e3' }, 'PORT=3e3 is no whole number from 0 to 65535; write one.'],
  [{ ONEHOP_TRUST_PROXY: '17' }, 'ONEHOP_TRUST_PROXY=17 is no whole number from 0 to 16; write one.'],
  [{ ONEHOP_TRUST_PROXY: 'true' }, 'ONEHOP_TRUST_PROXY=true is no whole number from 0 to 16; write one.'],
  [
    { HOST: 'http://0.0.0.0' },
    'HOST=http://0.0.0.0 is no address to listen on; write an IP address such as 0.0.0.0, or a host name.',
  ],
  [
    { SMTP_URL: 'http://mail.example' },
    'SMTP_URL is no SMTP URL; write smtp://user:password@host:587 or smtps://user:password@host:465 with special characters percent-encoded, or unset it to send no mail.',
  ],
  [
    { ONEHOP_MAIL_FROM: 'Links links@go.example' },
    'ONEHOP_MAIL_FROM=…@go.example is no sender; write name@example.com or Name <name@example.com>.',
  ],
  [{ ONEHOP_SIGNUP: 'yes' }, 'ONEHOP_SIGNUP=yes is not known; write open or closed.'],
  [
    { ONEHOP_LOG_LEVEL: 'loud' },
    'ONEHOP_LOG_LEVEL=loud is not known; write trace, debug, info, warn, error or silent.',
  ],
  [
    { ONEHOP_BASE_URL: 'go.example.com' },
    'ONEHOP_BASE_URL=go.example.com is no http:// or https:// URL; write one such as https://go.example.com.',
  ],
  [
    { ONEHOP_BASE_URL: 'ftp://go.example.com' },
    'ONEHOP_BASE_URL=ftp://go.example.com is no http:// or https:// URL; write one such as https://go.example.com.',
  ],
  [
    { ONEHOP_BASE_URL: 'https://example.com/go' },
    'ONEHOP_BASE_URL=https://example.com/go has a path, but short links live at the root of a host; write one such as https://go.example.com.',
  ],
  [
    { ONEHOP_BASE_URL: 'https://example.com?a#b' },
    'ONEHOP_BASE_URL=https://example.com?a#b has a query or fragment; write the URL without.',
  ],
  [
    { ONEHOP_PLANS_FILE: '/no/such/plans.json' },
    'ONEHOP_PLANS_FILE=/no/such/plans.json names a file that does not exist (/no/such/plans.json); correct the path, or unset it.',
  ],
  [
    { ONEHOP_ALLOW_PRIVATE_TARGETS: '10.0.0.0/33' },
    'ONEHOP_ALLOW_PRIVATE_TARGETS=10.0.0.0/33 has "10.0.0.0/33", which is no IP address and no CIDR block; write one such as 10.1.0.0/16.',
  ],
  [
    { ONEHOP_DATA_MIRROR: 'mirror.example' },
    'ONEHOP_DATA_MIRROR=mirror.example is no http:// or https:// URL without user name, query and fragment; write one such as http://mirror.example/onehop.',
  ],
  [
    { ONEHOP_DNS_SERVERS: '127.0.0.1,dns.example' },
    'ONEHOP_DNS_SERVERS=127.0.0.1,dns.example has "dns.example", which is no IP address of a resolver; write one such as 127.0.0.1 or [::1]:5353.',
  ],
  [
    { ONEHOP_DNS_SERVERS: '127.0.0.1:0' },
    'ONEHOP_DNS_SERVERS=127.0.0.1:0 has "127.0.0.1:0", which is no IP address of a resolver; write one such as 127.0.0.1 or [::1]:5353.',
  ],
  [
    { ONEHOP_DNSBL_FILE: '/no/such/zones.json' },
    'ONEHOP_DNSBL_FILE=/no/such/zones.json names a file that does not exist (/no/such/zones.json); correct the path, or unset it.',
  ],
  [
    { ONEHOP_API_HOSTS: 'bitly=a.example' },
    'ONEHOP_API_HOSTS=bitly=a.example names an unknown API in "bitly=a.example"; write lnk7, lynklens, linktj, lynk, ipgeolocation or onehop before the "=".',
  ],
  [
    { ONEHOP_API_HOSTS: 'lnk7=a.example:8080' },
    'ONEHOP_API_HOSTS=lnk7=a.example:8080 has no host name in "lnk7=a.example:8080"; write API=host such as lnk7=a.example, without port.',
  ],
  [
    { ONEHOP_API_HOSTS: 'lnk7' },
    'ONEHOP_API_HOSTS=lnk7 has no host name in "lnk7"; write API=host such as lnk7=a.example, without port.',
  ],
  [
    { ONEHOP_API_HOSTS: 'lnk7=a.example,linktj=A.example' },
    'ONEHOP_API_HOSTS=lnk7=a.example,linktj=A.example gives the host a.example away twice; name each host once.',
  ],
])('%j is refused with what to write instead', (env, problem) => {
  expect(problemsOf(env)).toEqual([problem])
})

test.each([
  'localhost',
  '10.1',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  '::/129',
  'fe80::1%lo',
  '*',
  '10.0.0.1-9',
])('ONEHOP_ALLOW_PRIVATE_TARGETS=%s is refused', (network) => {
  expect(problemsOf({ ONEHOP_ALLOW_PRIVATE_TARGETS: `127.0.0.1,${network}` })).toHaveLength(1)
})

test('all problems are told at once', () => {
  const problems = problemsOf({
    PORT: 'x',
    ONEHOP_SIGNUP: 'maybe',
    ONEHOP_API_HOSTS: 'bitly=a.example,lnk7=',
    ONEHOP_BASE_URL: 'https://example.com/go?x',
  })

  expect(problems.map((problem) => problem.slice(0, problem.indexOf('=')))).toEqual([
    'PORT',
    'ONEHOP_BASE_URL',
    'ONEHOP_BASE_URL',
    'ONEHOP_SIGNUP',
    'ONEHOP_API_HOSTS',
    'ONEHOP_API_HOSTS',
  ])
})

test.each([
  { DATABASE_URL: 'mysql://root:hunter2@db/onehop' },
  { DATABASE_URL: 'postgres://root:hunter2@:5432:1/' },
  { DATABASE_URL: 'hunter2' },
  { ONEHOP_BASE_URL: 'https://root:hunter2@example.com' },
  { ONEHOP_BASE_URL: 'ftp://root:hunter2/hunter2@example.com' },
  { ONEHOP_BASE_URL: 'root:hunter2@example.com' },
])('%j is refused without showing the password', (env) => {
  const problems = problemsOf(env)

  expect(problems).toHaveLength(1)
  expect(problems[0]).toStartWith(Object.keys(env)[0] ?? '')
  expect(problems.join()).not.toContain('hunter2')
})

test('a database URL can be kept in a file', async () => {
  await using dir = await temporaryDir()
  const path = join(dir.path, 'url')
  await writeFile(path, 'postgresql://app:secret@db/onehop\n')

  expect(parseConfig({ DATABASE_URL_FILE: path }).config.databaseUrl).toBe(
    'postgresql://app:secret@db/onehop',
  )
})

test('a file that is missing or empty, or named beside the value itself, is refused', async () => {
  await using dir = await temporaryDir()
  const missing = join(dir.path, 'missing')
  const empty = join(dir.path, 'empty')
  await writeFile(empty, '\n')

  expect(problemsOf({ DATABASE_URL_FILE: missing })).toEqual([
    `DATABASE_URL_FILE=${missing} cannot be read (ENOENT); name a file that the server may read, or unset it.`,
  ])
  expect(problemsOf({ DATABASE_URL_FILE: empty })).toEqual([
    `DATABASE_URL_FILE=${empty} is an empty file; write the value into it.`,
  ])
  expect(problemsOf({ DATABASE_URL_FILE: empty, DATABASE_URL: 'postgres://db/onehop' })).toEqual([
    'DATABASE_URL and DATABASE_URL_FILE are both set; unset one of them.',
  ])
})

test('an unknown ONEHOP_ name is a warning with the nearest known spelling', () => {
  const { warnings } = parseConfig({
    ONEHOP_BASEURL: 'https://go.example.com',
    ONEHOP_NOTHING_LIKE_IT: 'x',
    PATH: '/bin',
  })

  expect(warnings).toEqual([
    'ONEHOP_BASEURL means nothing to Onehop; did you mean ONEHOP_BASE_URL?',
    'ONEHOP_NOTHING_LIKE_IT means nothing to Onehop.',
  ])
})

test('the help names every variable, its default and its meaning', () => {
  for (const page of [configHelpText(), configHelpMarkdown()]) {
    for (const variable of VARIABLES) {
      expect(page).toContain(variable.name)
      expect(page).toContain(variable.meaning)
      expect(page).toContain('default' in variable ? variable.default : variable.whenUnset)
    }
    expect(page).toContain('DATABASE_URL_FILE')
  }
})

function problemsOf(env: Environment): readonly string[] {
  try {
    parseConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  throw new Error('the configuration was accepted')
}

async function temporaryDir(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'onehop-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

test.each([
  ['whois.example', { host: 'whois.example', port: 43 }],
  ['127.0.0.1:4343', { host: '127.0.0.1', port: 4343 }],
  ['::1', { host: '::1', port: 43 }],
  ['[::1]:4343', { host: '::1', port: 4343 }],
])('ONEHOP_WHOIS_SERVER=%s is understood', (text, server) => {
  expect(parseConfig({ ONEHOP_WHOIS_SERVER: text }).config.whoisServer).toEqual(server)
})

test.each([
  'whois://whois.example',
  'whois.example:0',
  'whois.example:65536',
  '[::1',
  'a b',
  'whois.example:',
])('ONEHOP_WHOIS_SERVER=%s is refused', (text) => {
  expect(problemsOf({ ONEHOP_WHOIS_SERVER: text })).toHaveLength(1)
})
