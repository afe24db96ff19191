import { configHelpText } from '#config/config-help.ts'

/** One command of the program, as the help shows it. */
export interface Command {
  /** The command and its arguments. */
  readonly synopsis: string
  readonly meaning: string
}

/** Every command of the program, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  { synopsis: 'serve', meaning: 'Run the server; the default.' },
  {
    synopsis: 'user add EMAIL --password P [--plan PLAN] [--admin]',
    meaning: 'Create an account; --admin makes it an operator.',
  },
  { synopsis: 'user list', meaning: 'List the accounts.' },
  { synopsis: 'user block EMAIL', meaning: 'Refuse an account from now on; its links go on redirecting.' },
  { synopsis: 'user unblock EMAIL', meaning: 'Admit a blocked account again.' },
  {
    synopsis: 'user password EMAIL --password P',
    meaning: 'Change a password; sessions, JWTs and keys from logging in with the old one end.',
  },
  {
    synopsis: 'user two-factor-off EMAIL',
    meaning: 'Let an account in without a code, after it lost its device and its recovery codes.',
  },
  {
    synopsis: 'plan set EMAIL PLAN',
    meaning: "Grant a plan to an account's own team, without end and in place of what it pays for.",
  },
  {
    synopsis: 'plan surcharge EMAIL on|off [--limit N]',
    meaning: 'Let ipgeolocation lookups go on when the credits are used up, up to N more a month.',
  },
  { synopsis: 'order list', meaning: 'List the orders that wait for a decision.' },
  { synopsis: 'order approve ID', meaning: 'Say that an order is paid: what was ordered is given at once.' },
  { synopsis: 'order reject ID', meaning: 'Refuse an order.' },
  { synopsis: 'cron-secret', meaning: 'Print the secret that opens /api/cron to an external scheduler.' },
  { synopsis: 'credits set EMAIL N', meaning: 'Set the lookup credits that are left this month.' },
  {
    synopsis: 'key create EMAIL --api DIALECT [--name N] [--abilities a,b]',
    meaning: 'Create an API key; the last line printed is the key alone.',
  },
  {
    synopsis: 'data update [SOURCE…] [--accept-terms] [--force]',
    meaning: 'Download newer network data: everything usual, or the sources named.',
  },
  {
    synopsis: 'data import SOURCE FILE [--force]',
    meaning: 'Take the network data of a file: plain, gzip or bzip2.',
  },
  { synopsis: 'data status [--json]', meaning: 'Show which network data there are, and how old.' },
  {
    synopsis: 'origin remove DOMAIN',
    meaning: 'Take a request origin of the ipgeolocation API away from whoever registered it.',
  },
  {
    synopsis: 'lookup TARGET [--full] [--json]',
    meaning:
      'Tell what is known about an IP address, prefix, AS number or domain, from local data; --full asks the DNS, blocklists, registries and the TLS server too.',
  },
  {
    synopsis: 'seed --demo [--password P] [--seed N] [--clicks N]',
    meaning:
      'Fill a new installation for a look at it: two accounts, links, 90 days of clicks, files. Prints the passwords.',
  },
  {
    synopsis: 'doctor',
    meaning: 'Check data directory, database, clock and configuration; say what to repair.',
  },
]

/** The text of `onehop --help`. */
export function usageText(): string {
  const commands = COMMANDS.map((command) => `  ${command.synopsis}\n      ${command.meaning}`)
  return `Onehop: short links and network intelligence on a server of your own.

Usage: npm run onehop -- COMMAND

Commands:
${commands.join('\n')}

Commands work on the data of the server while it runs.

Example:
  npm run onehop -- user add ada@example.com --password 'correct horse' --plan Pro
  npm run onehop -- key create ada@example.com --api lnk7

Exit codes:
  0  done
  1  refused or failed; the message says why
  2  the command line or the configuration is wrong

Environment variables:
${configHelpText()}
`
}
