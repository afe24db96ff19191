import { existsSync } from 'node:fs'
import { parsePassword } from '#core/accounts/account.ts'
import type { Services } from '#core/context.ts'
import { seedDemo } from '#core/demo/seed-demo.ts'
import { networkFile } from '#core/network/compile-network-data.ts'
import { openNetworkView } from '#core/network/flat-view.ts'
import type { ClickStore } from '#ports/click-store/click-store.ts'
import { type FlatFile, FlatFileError, openFlatFile } from '#ports/network/flat-file.ts'
import { columns } from './columns.ts'
import { CommandError } from './command-error.ts'

/** Options of `onehop seed`, as they were typed. */
export interface SeedOptions {
  readonly demo?: boolean | undefined
  /** Of both accounts. */
  readonly password?: string | undefined
  readonly seed?: string | undefined
  readonly clicks?: string | undefined
}

export interface SeedEnvironment {
  readonly services: Services
  readonly store: ClickStore
  readonly dataDir: string
  readonly showProgress: (text: string) => void
}

const USUAL_SEED = 1
const USUAL_CLICKS = 200_000
const MAX_CLICKS = 5_000_000
const PASSWORD_LENGTH = 16

/**
 * `onehop seed --demo`: fill a new installation with what there is to see.
 *
 * @returns what to print
 * @throws CommandError when the options are wrong, or the installation has accounts
 */
export async function seedCommand(
  { services, store, dataDir, showProgress }: SeedEnvironment,
  options: SeedOptions,
): Promise<readonly string[]> {
  if (options.demo !== true)
    throw new CommandError('seed needs --demo: it makes accounts and invents clicks', 2)
  const seed = parseCount(options.seed, { name: '--seed', usual: USUAL_SEED, max: 0xffff_ffff })
  const clicks = parseCount(options.clicks, { name: '--clicks', usual: USUAL_CLICKS, max: MAX_CLICKS })
  const [operator, member] = [0, 1].map(() =>
    parsePassword(options.password ?? services.random.base62(PASSWORD_LENGTH)),
  )
  if (operator === undefined || member === undefined) throw new Error('two passwords were made')

  using file = await openCompiled(dataDir)
  const seeded = await seedDemo(services, {
    store,
    view: file && openNetworkView(file),
    passwords: { operator, member },
    seed,
    clicks,
    onProgress: (stored) => showProgress(`${stored.toLocaleString('en')} clicks`),
  })
  if (seeded === undefined)
    throw new CommandError(
      'this installation has accounts already; seed fills a new one: name an empty directory by ONEHOP_DATA_DIR, or an empty database by DATABASE_URL',
      1,
    )
  const { links, files } = seeded
  return [
    `Made ${links} links, ${seeded.clicks.toLocaleString('en')} clicks and ${files} files. Sign in at ${services.settings.baseUrl}/app/sign-in:`,
    ...columns([
      ['E-MAIL', 'PASSWORD', 'WHO'],
      [seeded.operator, operator, 'the operator'],
      [seeded.member, member, `owner of the team ${seeded.team}, in which the operator is too`],
    ]),
    `The password of the protected file is ${seeded.filePassword}.`,
  ]
}

/** The compiled network data; undefined where there are none that can be used. */
async function openCompiled(dataDir: string): Promise<FlatFile | undefined> {
  const path = networkFile(dataDir)
  if (!existsSync(path)) return undefined
  try {
    return await openFlatFile(path)
  } catch (error) {
    if (error instanceof FlatFileError) return undefined
    throw error
  }
}

function parseCount(
  text: string | undefined,
  { name, usual, max }: { readonly name: string; readonly usual: number; readonly max: number },
): number {
  if (text === undefined) return usual
  if (!/^\d{1,10}$/.test(text) || Number(text) > max)
    throw new CommandError(`${name} is a whole number up to ${max}`, 2)
  return Number(text)
}
