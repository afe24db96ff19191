import { parseArgs } from 'node:util'
import { ACCOUNT_COMMANDS } from '#cli/account-commands.ts'
import { BILLING_COMMANDS } from '#cli/billing-commands.ts'
import { CommandError } from '#cli/command-error.ts'
import { errors } from '#cli/errors.ts'
import { openServices } from '#cli/open-services.ts'
import { usageText } from '#cli/usage.ts'
import type { Config } from '#config/config.ts'
import { ConfigError, parseConfig } from '#config/parse-config.ts'
import { DomainError, renderError } from '#core/errors.ts'
import { NewerDatabaseError } from '#db/migrate.ts'
import { DataDirInUseError } from '#ports/data-dir-lock.ts'
import { serve } from './serve.ts'

const OPTIONS = {
  password: { type: 'string' },
  plan: { type: 'string' },
  admin: { type: 'boolean' },
  api: { type: 'string' },
  name: { type: 'string' },
  abilities: { type: 'string' },
  'accept-terms': { type: 'boolean' },
  force: { type: 'boolean' },
  limit: { type: 'string' },
  demo: { type: 'boolean' },
  seed: { type: 'string' },
  clicks: { type: 'string' },
  json: { type: 'boolean' },
  full: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

process.exit(await main(process.argv.slice(2)).catch((error: unknown) => explain(error)))

/** @returns the exit code: 0 done, 1 failed, 2 called or configured wrongly */
async function main(argv: readonly string[]): Promise<number> {
  const { positionals, values } = parse(argv)
  if (values.help === true || positionals[0] === 'help') {
    print(usageText())
    return 0
  }
  const { config, warnings } = parseConfig(process.env)
  for (const warning of warnings) printError(`warning: ${warning}`)
  return run(config, positionals, values)
}

async function run(
  config: Config,
  words: readonly string[],
  values: ReturnType<typeof parse>['values'],
): Promise<number> {
  const [first = 'serve', second = '', ...rest] = words
  if (first === 'serve') return serve(config)
  if (first === 'doctor') {
    const { doctor, doctorExitCode, renderFindings } = await import('#cli/doctor.ts')
    const findings = await doctor(config)
    print(renderFindings(findings))
    return doctorExitCode(findings)
  }
  if (first === 'data') return runDataCommand(config, [second, ...rest], values)
  if (first === 'lookup') {
    if (second === '')
      throw new CommandError('onehop lookup takes an IP address, prefix, AS number or domain', 2)
    const { lookUpTarget } = await import('#cli/lookup-command.ts')
    const request = { target: second, isJson: values.json === true, isFull: values.full === true }
    print(await lookUpTarget(config, request, printError))
    return 0
  }
  if (first === 'seed') return runSeedCommand(config, values)
  const name = `${first} ${second}`.trim()
  const command = ACCOUNT_COMMANDS[name] ?? BILLING_COMMANDS[name]
  if (command === undefined) throw new CommandError(`there is no command "${name}"; see onehop --help`, 2)
  await using open = await openServices(config)
  for (const line of await command(open.services, rest, values)) print(line)
  return 0
}

async function runDataCommand(
  config: Config,
  [word = '', ...args]: readonly string[],
  values: ReturnType<typeof parse>['values'],
): Promise<number> {
  const [{ DATA_COMMANDS }, { createTerminal }] = await Promise.all([
    import('#cli/data-commands.ts'),
    import('#cli/terminal.ts'),
  ])
  const command = DATA_COMMANDS[word]
  if (command === undefined)
    throw new CommandError('data is followed by update, import or status; see onehop --help', 2)
  const terminal = createTerminal(process.stdout, process.stderr)
  return command({ config, terminal, now: () => new Date() }, args, values)
}

async function runSeedCommand(config: Config, values: ReturnType<typeof parse>['values']): Promise<number> {
  const [{ seedCommand }, { createTerminal }] = await Promise.all([
    import('#cli/seed-command.ts'),
    import('#cli/terminal.ts'),
  ])
  const terminal = createTerminal(process.stdout, process.stderr)
  await using open = await openServices(config)
  const { services, clicks: store } = open
  const showProgress = (text: string) => terminal.showProgress(text)
  const lines = await seedCommand({ services, store, dataDir: config.dataDir, showProgress }, values)
  for (const line of lines) terminal.print(line)
  return 0
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new CommandError(`${(error as Error).message} See onehop --help`, 2)
  }
}

/** Say what went wrong in a sentence, without a stack where it is no bug. */
function explain(error: unknown): number {
  if (error instanceof ConfigError) {
    printError(
      `The configuration has ${error.problems.length === 1 ? 'a problem' : `${error.problems.length} problems`}:`,
    )
    for (const problem of error.problems) printError(`  ${problem}`)
    return 2
  }
  if (error instanceof CommandError) {
    printError(`onehop: ${error.message}`)
    return error.exitCode
  }
  if (error instanceof DomainError) {
    printError(`onehop: ${renderError(errors, error)}`)
    return 1
  }
  if (error instanceof NewerDatabaseError || error instanceof DataDirInUseError || isSystemError(error)) {
    printError(`onehop: ${error.message}`)
    return 1
  }
  printError(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
}

/** A refusal of the operating system or the network: a port in use, a directory that may not be written, no server. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string'
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function printError(text: string): void {
  process.stderr.write(`${text}\n`)
}
