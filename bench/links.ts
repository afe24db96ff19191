import { writeFileSync } from 'node:fs'
import { openServices } from '#cli/open-services.ts'
import { parseConfig } from '#config/parse-config.ts'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { parseSlug, parseTargetUrl } from '#core/links/link.ts'
import { insertLink } from '#core/links/link-queries.ts'

/** A short link of the benchmark. */
export interface BenchLink {
  readonly slug: string
  readonly target: string
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SLUG_LENGTH = 7
const PATHS = ['articles', 'products/spring-sale', 'blog/engineering', 'events', 'en/docs/getting-started']

/** So many links of ordinary length, in an order that says nothing about their slugs; the same ones every time. */
export function benchLinks(count: number): readonly BenchLink[] {
  const random = generator(20_261_121)
  const slugs = new Set<string>()
  while (slugs.size < count)
    slugs.add(Array.from({ length: SLUG_LENGTH }, () => BASE62[random(BASE62.length)]).join(''))
  return [...slugs].map((slug, index) => ({
    slug,
    target: `https://www.site-${random(5000)}.example/${PATHS[index % PATHS.length]}/${random(1e9)}-${index}?utm_source=newsletter&utm_medium=email`,
  }))
}

/** Make a data directory as a server would have it that was given these links. */
export async function storeLinks(dataDir: string, links: readonly BenchLink[]): Promise<void> {
  const { config } = parseConfig({ ONEHOP_DATA_DIR: dataDir })
  await using open = await openServices(config)
  const { services } = open
  const account = { email: parseEmail('bench@example.com'), password: parsePassword('bench password') }
  const user = await createAccount(services, account, {})
  const teamId = await findPersonalTeamId(services.db, user.id)
  if (teamId === undefined) throw new Error('the account has no personal team')
  await services.db.transaction().execute(async (tx) => {
    for (const { slug, target } of links) {
      await insertLink(tx, {
        publicId: services.random.base62(24),
        teamId,
        userId: user.id,
        slug: parseSlug(slug),
        target: parseTargetUrl(target),
        title: null,
        status: 'active',
        source: 'api',
        expiresAt: null,
        createdAt: services.now(),
      })
    }
  })
}

/** Write the slugs, a line each, in another order than the links were made in. */
export function writeSlugs(path: string, links: readonly BenchLink[]): void {
  const random = generator(7)
  const slugs = links.map((link) => link.slug)
  for (let i = slugs.length - 1; i > 0; i--) {
    const j = random(i + 1)
    ;[slugs[i], slugs[j]] = [slugs[j] ?? '', slugs[i] ?? '']
  }
  writeFileSync(path, `${slugs.join('\n')}\n`)
}

/** Whole numbers below a bound that only look random (xorshift32). */
function generator(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}
