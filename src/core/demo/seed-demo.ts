import { type Email, parseEmail, type Password, type User } from '#core/accounts/account.ts'
import { findPersonalTeamId, hasUsers, insertMembership, insertTeam } from '#core/accounts/account-queries.ts'
import { createKey } from '#core/accounts/api-keys.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { approveOrder, orderCredits } from '#core/billing/orders.ts'
import { largestPlan } from '#core/billing/plan.ts'
import { setPlan } from '#core/billing/set-plan.ts'
import type { Ctx, Services } from '#core/context.ts'
import { inTransaction } from '#core/context.ts'
import { linkFile } from '#core/files/file-links.ts'
import { addDownload } from '#core/files/file-queries.ts'
import { parseFileName, parseFilePassword, parseMediaType } from '#core/files/file.ts'
import { beginUpload } from '#core/files/upload-file.ts'
import { createLink } from '#core/links/create-link.ts'
import { parseDescription, parseSlug, parseTags, parseTargetUrl, parseTitle } from '#core/links/link.ts'
import { parsePayload } from '#core/links/payload.ts'
import type { NetworkView } from '#core/network/network.ts'
import { type Member, memberWith } from '#core/permissions.ts'
import { createQrCode } from '#core/qr/create-qr-code.ts'
import { parseQrStyle } from '#core/qr/qr-style.ts'
import { setNotifications } from '#core/weekly-report/notifications.ts'
import type { ClickStore, EnrichedClick } from '#ports/click-store/click-store.ts'
import { demoAudience } from './demo-audience.ts'
import { demoClicks, type SeededLink } from './demo-clicks.ts'
import { demoFiles } from './demo-files.ts'
import { DEMO_LINKS, type DemoLink } from './demo-links.ts'
import { seedDemoWebhooks } from './demo-webhooks.ts'
import { seededRandom } from './seeded-random.ts'

export interface DemoOptions {
  /** Where the clicks go. */
  readonly store: ClickStore
  /** Where addresses are taken from, and places; a table where there are no data. */
  readonly view: NetworkView | undefined
  readonly passwords: { readonly operator: Password; readonly member: Password }
  /** Another whole number gives other clicks. */
  readonly seed: number
  /** About so many clicks. */
  readonly clicks: number
  /** Told how many clicks are stored, again and again. */
  readonly onProgress?: (clicks: number) => void
}

/** What the demo consists of. */
export interface SeededDemo {
  readonly operator: Email
  readonly member: Email
  readonly team: string
  readonly filePassword: string
  readonly links: number
  readonly clicks: number
  readonly files: number
}

const OPERATOR = parseEmail('ada@example.com')
const MEMBER = parseEmail('grace@example.com')
const TEAM = 'Open Trails'
/** Before any link. */
const PEOPLE_SINCE_DAYS = 140
const SPOOL = 'demo'
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Clicks of one transaction. */
const BATCH = 5_000
/** How long the click store may work between two batches on what keeps reports fast. */
const UPKEEP_MS = 200
const FILE_PASSWORD_LENGTH = 10

/**
 * Fill an empty installation for trying it out, for screenshots and for tests: an operator and a second user with a shared
 * team, links of every kind with QR codes, 90 days of clicks, files, paused webhooks, keys, orders. Nothing of it sends
 * anything anywhere. What is seen of it is the same for the same seed and day; passwords, keys and the addresses of files
 * are not.
 *
 * @returns undefined, and nothing is written, where there is an account already
 */
export async function seedDemo(services: Services, options: DemoOptions): Promise<SeededDemo | undefined> {
  const prepared = await inTransaction(services, async (tx) => {
    if (await hasUsers(tx.db)) return undefined
    const members = await seedPeople(tx, options)
    return { members, links: await seedLinks(tx, members, options.seed) }
  })
  if (prepared === undefined) return undefined
  const { members, links } = prepared
  const own = { ...services, actor: members.own }
  const shared = { ...services, actor: members.shared }
  const clicks = await seedClicks(services, links, options)
  await seedDemoWebhooks(own, links)
  await seedKeys(own, shared)
  await seedOrders(own, shared)
  const filePassword = services.random.base62(FILE_PASSWORD_LENGTH)
  const files = await seedFiles(own, filePassword)
  return {
    operator: OPERATOR,
    member: MEMBER,
    team: TEAM,
    filePassword,
    links: links.length + files.links,
    clicks,
    files: files.files,
  }
}

interface DemoMembers {
  /** The operator in the personal team. */
  readonly own: Member
  /** The second user in the shared team. */
  readonly shared: Member
}

async function seedPeople(tx: Services, { passwords }: DemoOptions): Promise<DemoMembers> {
  const now = tx.now()
  const since = at(tx, now.getTime() - PEOPLE_SINCE_DAYS * DAY_MS)
  const plan = largestPlan(tx.plans).name
  const operator = await createAccount(
    since,
    { email: OPERATOR, password: passwords.operator, name: 'Ada Marlow' },
    { isOperator: true, plan },
  )
  const member = await createAccount(
    since,
    { email: MEMBER, password: passwords.member, name: 'Grace Okafor' },
    {},
  )
  const createdAt = since.now()
  const teamId = await insertTeam(since.db, { name: TEAM, personalUserId: null, createdAt })
  await insertMembership(since.db, { teamId, userId: member.id, role: 'owner', createdAt })
  await insertMembership(since.db, { teamId, userId: operator.id, role: 'admin', createdAt })
  await setPlan(since, teamId, plan)
  const personalId = await findPersonalTeamId(since.db, operator.id)
  if (personalId === undefined) throw new Error('every account has a personal team')
  const members = { own: ownerOf(personalId, operator), shared: ownerOf(teamId, member) }
  // Nobody reads the mail of these addresses.
  for (const actor of [members.own, members.shared])
    await setNotifications({ ...tx, actor }, { weeklyReport: false })
  return members
}

async function seedLinks(tx: Services, members: DemoMembers, seed: number): Promise<readonly SeededLink[]> {
  const random = seededRandom(seed)
  const nowMs = tx.now().getTime()
  const today = Math.floor(nowMs / DAY_MS)
  const timed = DEMO_LINKS.map((spec) => {
    const madeAtMs = (today - spec.createdDaysAgo) * DAY_MS + 5 * HOUR_MS + random.below(5 * HOUR_MS)
    return { spec, createdAt: new Date(madeAtMs) }
  })
  const links: SeededLink[] = []
  for (const { spec, createdAt } of timed.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())) {
    const ctx = { ...at(tx, createdAt.getTime()), actor: members[spec.team], random }
    const { expiresInDays } = spec
    const link = await createLink(ctx, {
      ...contentOf(spec),
      slug: spec.slug === undefined ? undefined : parseSlug(spec.slug),
      title: spec.title && parseTitle(spec.title),
      description: spec.description && parseDescription(spec.description),
      tags: parseTags(spec.tags ?? []),
      status: spec.status,
      expiresAt: expiresInDays === undefined ? undefined : new Date(nowMs + expiresInDays * DAY_MS),
      source: 'web',
    })
    if (spec.qr !== undefined) await createQrCode(ctx, { slug: link.slug, style: parseQrStyle(spec.qr) })
    links.push({
      id: link.id,
      teamId: link.teamId,
      slug: link.slug,
      publicId: link.publicId,
      createdAt,
      spec,
    })
  }
  return links
}

function contentOf({ target, payload }: DemoLink) {
  if (payload === undefined) return { target: parseTargetUrl(target ?? '') }
  const { kind, ...fields } = payload
  return { payload: parsePayload(kind, fields) }
}

/** @returns how many clicks there are */
async function seedClicks(
  services: Services,
  links: readonly SeededLink[],
  { store, view, seed, clicks: count, onProgress }: DemoOptions,
): Promise<number> {
  const { id: spoolId, position } = await store.findOrCreateSpool(SPOOL)
  let from = position
  let stored = 0
  const append = async (clicks: readonly EnrichedClick[]) => {
    const to = { segment: from.segment, offset: from.offset + clicks.length }
    if ((await store.append({ spoolId, from, to, clicks })) === undefined)
      throw new Error('somebody else is filling this installation with demo data')
    from = to
    stored += clicks.length
    onProgress?.(stored)
    await store.maintain(UPKEEP_MS)
  }

  let waiting: EnrichedClick[] = []
  for (const day of demoClicks({ links, audience: demoAudience(view), seed, now: services.now(), count })) {
    waiting = [...waiting, ...day]
    while (waiting.length >= BATCH) await append(waiting.splice(0, BATCH))
  }
  if (waiting.length > 0) await append(waiting)
  while (await store.maintain(UPKEEP_MS));
  return stored
}

async function seedKeys(own: Ctx, shared: Ctx): Promise<void> {
  const nowMs = own.now().getTime()
  const key = (ctx: Ctx, daysAgo: number) => at(ctx, nowMs - daysAgo * DAY_MS)
  await createKey(key(own, 72), { dialect: 'onehop', name: 'Shop backend', abilities: ['*'] })
  await createKey(key(own, 51), {
    dialect: 'lynklens',
    name: 'Monthly report',
    abilities: ['links:read', 'analytics:read'],
  })
  await createKey(key(own, 14), {
    dialect: 'lynk',
    name: 'Press uploads',
    abilities: ['files:read', 'files:write'],
    expiresAt: new Date(nowMs + 60 * DAY_MS),
  })
  await createKey(key(shared, 40), { dialect: 'linktj', name: 'Ticket desk', abilities: ['*'] })
}

async function seedOrders(own: Ctx, shared: Ctx): Promise<void> {
  const nowMs = own.now().getTime()
  const paid = await orderCredits(at(shared, nowMs - 26 * DAY_MS), { metric: 'links', quantity: 500 })
  await approveOrder(at(own, nowMs - 25 * DAY_MS), paid.publicId)
  await orderCredits(at(shared, nowMs - 2 * DAY_MS), { metric: 'qr-codes', quantity: 100 })
}

async function seedFiles(
  own: Ctx,
  password: string,
): Promise<{ readonly files: number; readonly links: number }> {
  const files = demoFiles()
  for (const file of files) {
    const ctx = at(own, own.now().getTime() - file.createdDaysAgo * DAY_MS)
    await using upload = await beginUpload(ctx, file.bytes.length)
    await upload.write(file.bytes)
    const shared = await upload.finish({
      name: parseFileName(file.name),
      mediaType: parseMediaType(file.mediaType),
      password: file.hasPassword === true ? parseFilePassword(password) : null,
      email: null,
      expiryDays: file.expiryDays ?? null,
    })
    if (file.slug !== undefined) await linkFile(ctx, shared.publicId, parseSlug(file.slug))
    await addDownload(ctx.db, shared.id, file.downloads)
  }
  return { files: files.length, links: files.filter(({ slug }) => slug !== undefined).length }
}

/** The same, at another time. */
function at<C extends Services>(services: C, ms: number): C {
  return { ...services, now: () => new Date(ms) }
}

function ownerOf(teamId: number, { id: userId, isOperator }: User): Member {
  return memberWith({ userId, teamId, role: 'owner', isOperator }, ['*'], null)
}
