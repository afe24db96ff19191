import { expect, test } from 'bun:test'
import { getPlan } from '#core/billing/usage.ts'
import type { Ctx } from '#core/context.ts'
import { createLink } from '#core/links/create-link.ts'
import { parseTargetUrl } from '#core/links/link.ts'
import type { Role } from '#core/permissions.ts'
import { parseFileName, parseMediaType } from '#core/files/file.ts'
import { beginUpload } from '#core/files/upload-file.ts'
import { eraseFiles } from '#core/files/sweep-files.ts'
import { outcomeOf } from '#testing/log-in.ts'
import { queuedMails } from '#testing/queued-mails.ts'
import { NOW, type TestAccount, testApp, type TestApp } from '#testing/test-app.ts'
import { parseEmail } from './account.ts'
import { actInTeam } from './act-in-team.ts'
import { authenticateKey, createKey } from './api-keys.ts'
import { eraseTeams } from './erase-teams.ts'
import {
  acceptInvitation,
  invite,
  listInvitations,
  resendInvitation,
  revokeInvitation,
  showInvitation,
} from './invitations.ts'
import { createTeam, deleteTeam, listTeamViews, renameTeam } from './manage-teams.ts'
import { authenticateSession, startSession, switchTeam } from './sessions.ts'
import { changeRole, listMembers, removeMember } from './team-members.ts'

test('a new shared team is on the plan of new accounts and is owned by who made it', async () => {
  await using app = await testApp()
  const { ctx } = await givenPerson(app)

  const team = await createTeam(ctx, 'Press')

  expect(team).toMatchObject({
    name: 'Press',
    role: 'owner',
    isPersonal: false,
    memberCount: 1,
    plan: 'Free',
  })
  expect((await getPlan(app.app.services, team.id)).name).toBe('Free')
  expect((await listTeamViews(ctx)).map(({ name, plan }) => [name, plan])).toEqual([
    ['Personal', 'Pro'],
    ['Press', 'Free'],
  ])
})

test('one account owns ten shared teams at most', async () => {
  await using app = await testApp()
  const { ctx } = await givenPerson(app)
  for (let count = 0; count < 10; count++) await createTeam(ctx, `Team ${count}`)

  expect(await outcomeOf(createTeam(ctx, 'One more'))).toBe('too-many-teams')
})

test('who is invited joins with the token of the mail, once, and only with the address it was sent to', async () => {
  await using app = await testApp()
  const [owner, guest, other] = [await givenPerson(app), await givenPerson(app), await givenPerson(app)]
  const team = await createTeam(owner.ctx, 'Press')

  const invitation = await invite(owner.ctx, team.id, { email: guest.account.user.email, role: 'member' })
  const token = await lastToken(app)

  expect(await showInvitation(other.ctx, token)).toEqual({
    teamName: 'Press',
    email: guest.account.user.email,
    role: 'member',
    expiresAt: new Date(NOW.getTime() + 7 * 24 * 3600 * 1000),
    hasAccount: true,
  })
  expect(await outcomeOf(acceptInvitation(other.ctx, token))).toBe('invitation-of-another')
  expect(await outcomeOf(acceptInvitation(guest.ctx, `${token}x`))).toBe('invitation-not-found')
  expect((await acceptInvitation(guest.ctx, token)).role).toBe('member')
  expect(await outcomeOf(acceptInvitation(guest.ctx, token))).toBe('invitation-not-found')
  expect(await roles(owner.ctx, team.id)).toEqual(['owner', 'member'])
  expect(await listInvitations(owner.ctx, team.id)).toEqual([])
  expect(invitation.invitedBy).toMatchObject({ id: owner.account.user.id })
})

test('an invitation is stored as a hash alone, ends after a week, and a new mail voids the one before', async () => {
  await using app = await testApp()
  const [owner, guest] = [await givenPerson(app), await givenPerson(app)]
  const team = await createTeam(owner.ctx, 'Press')
  const { id } = await invite(owner.ctx, team.id, { email: guest.account.user.email, role: 'viewer' })
  const first = await lastToken(app)
  const stored = await app.app.services.db.selectFrom('invitation').selectAll().execute()

  app.setNow(new Date(NOW.getTime() + 6 * 24 * 3600 * 1000))
  await resendInvitation(owner.ctx, team.id, id)
  const second = await lastToken(app)

  expect(JSON.stringify(stored)).not.toContain(first)
  expect(await outcomeOf(showInvitation(guest.ctx, first))).toBe('invitation-not-found')
  app.setNow(new Date(NOW.getTime() + 13 * 24 * 3600 * 1000 - 1))
  expect(await outcomeOf(showInvitation(guest.ctx, second))).toBe('done')
  app.setNow(new Date(NOW.getTime() + 13 * 24 * 3600 * 1000))
  expect(await outcomeOf(acceptInvitation(guest.ctx, second))).toBe('invitation-not-found')
})

test('inviting is for admins, owners are made by owners, and mails to one address are few', async () => {
  await using app = await testApp()
  const { owner, admin, member, teamId } = await givenTeam(app)
  const email = parseEmail('new@example.com')
  const asked = (ctx: Ctx, role: Role) => outcomeOf(invite(ctx, teamId, { email, role }))

  expect(await asked(member.ctx, 'viewer')).toBe('role-required')
  expect(await asked(admin.ctx, 'owner')).toBe('role-required')
  expect(await asked(owner.ctx, 'owner')).toBe('done')
  // Nor may an admin lower what an owner offered.
  expect(await asked(admin.ctx, 'member')).toBe('role-required')
  for (let count = 0; count < 3; count++) expect(await asked(owner.ctx, 'member')).toBe('done')
  expect(await asked(owner.ctx, 'member')).toBe('rate-limited')
  expect(
    await outcomeOf(invite(owner.ctx, teamId, { email: member.account.user.email, role: 'admin' })),
  ).toBe('member-exists')
  const [invitation] = await listInvitations(admin.ctx, teamId)
  expect(await outcomeOf(revokeInvitation(member.ctx, teamId, invitation?.id ?? ''))).toBe('role-required')
  expect(await outcomeOf(revokeInvitation(admin.ctx, teamId, invitation?.id ?? ''))).toBe('done')
  expect(await outcomeOf(revokeInvitation(admin.ctx, teamId, invitation?.id ?? ''))).toBe(
    'invitation-not-found',
  )
})

test('nobody else comes into a personal team', async () => {
  await using app = await testApp()
  const { ctx } = await givenPerson(app)
  const [personal] = await listTeamViews(ctx)

  const email = parseEmail('new@example.com')
  expect(await outcomeOf(invite(ctx, personal?.id ?? 0, { email, role: 'member' }))).toBe('team-personal')
  expect(await outcomeOf(deleteTeam(ctx, personal?.id ?? 0))).toBe('team-personal')
})

test('an admin changes members and not owners, and the last owner stays', async () => {
  await using app = await testApp()
  const { owner, admin, member, teamId } = await givenTeam(app)
  const change = (by: Person, of: Person, role: Role) =>
    outcomeOf(changeRole(by.ctx, teamId, of.account.user.id, role))

  expect(await change(member, admin, 'viewer')).toBe('role-required')
  expect(await change(admin, owner, 'member')).toBe('role-required')
  expect(await change(admin, member, 'owner')).toBe('role-required')
  expect(await change(admin, member, 'viewer')).toBe('done')
  expect(await change(owner, owner, 'admin')).toBe('last-owner')
  expect(await outcomeOf(removeMember(owner.ctx, teamId, owner.account.user.id))).toBe('last-owner')
  expect(await outcomeOf(removeMember(admin.ctx, teamId, owner.account.user.id))).toBe('role-required')
  expect(await change(owner, admin, 'owner')).toBe('done')
  expect(await outcomeOf(removeMember(owner.ctx, teamId, owner.account.user.id))).toBe('done')
  expect(await roles(admin.ctx, teamId)).toEqual(['owner', 'viewer'])
  expect(await outcomeOf(removeMember(admin.ctx, teamId, 999_999))).toBe('member-not-found')
})

test('of two owners who leave at the same moment one stays', async () => {
  await using app = await testApp()
  const { owner, admin, teamId } = await givenTeam(app)
  await changeRole(owner.ctx, teamId, admin.account.user.id, 'owner')

  const outcomes = await Promise.all(
    [owner, admin].map((person) => outcomeOf(removeMember(person.ctx, teamId, person.account.user.id))),
  )

  expect(outcomes.toSorted()).toEqual(['done', 'last-owner'])
})

test('the keys and sessions of who is removed open nothing of the team, also after coming back', async () => {
  await using app = await testApp()
  const { services } = app.app
  const { owner, member, teamId } = await givenTeam(app)
  const { key, secret } = await createKey(await actInTeam(member.ctx, teamId), {
    dialect: 'lnk7',
    name: 'mine',
    abilities: ['*'],
  })
  const { token } = await startSession(services, member.account.user)
  const session = { ...services, actor: await authenticateSession(services, token) }
  await switchTeam(session, teamId)
  expect(await authenticateSession(services, token)).toMatchObject({ teamId, role: 'member' })
  expect(key.teamId).toBe(teamId)

  await removeMember(owner.ctx, teamId, member.account.user.id)
  await invite(owner.ctx, teamId, { email: member.account.user.email, role: 'viewer' })
  await acceptInvitation(member.ctx, await lastToken(app))

  expect(await authenticateKey(services, secret)).toMatchObject({ kind: 'anonymous' })
  const [personal] = await listTeamViews(member.ctx)
  expect(await authenticateSession(services, token)).toMatchObject({
    teamId: personal?.id ?? 0,
    role: 'owner',
  })
})

test('who only views a team can leave it, and knows nothing of it after that', async () => {
  await using app = await testApp()
  const { owner, member, teamId } = await givenTeam(app)
  await changeRole(owner.ctx, teamId, member.account.user.id, 'viewer')
  const inTeam = await actInTeam(member.ctx, teamId)

  expect(await outcomeOf(removeMember(inTeam, teamId, member.account.user.id))).toBe('done')

  expect(await outcomeOf(listMembers(member.ctx, teamId, FIRST))).toBe('team-not-found')
  expect(await outcomeOf(renameTeam(member.ctx, teamId, 'Ours'))).toBe('team-not-found')
  // The role a request began with does not outlive it.
  expect(await outcomeOf(removeMember(inTeam, teamId, owner.account.user.id))).toBe('team-not-found')
})

test('a deleted team is nobody’s at once, and what it had is deleted after it', async () => {
  await using app = await testApp()
  const { services } = app.app
  const { owner, admin, teamId } = await givenTeam(app)
  const inTeam = await actInTeam(owner.ctx, teamId)
  const link = await createLink(inTeam, { target: parseTargetUrl('https://example.com/'), source: 'api' })
  await using upload = await beginUpload(inTeam, undefined)
  await upload.write(Buffer.from('text'))
  await upload.finish({
    name: parseFileName('notes.txt'),
    mediaType: parseMediaType('text/plain'),
    password: null,
    email: null,
    expiryDays: null,
  })
  expect((await app.request(`/${link.slug}`)).status).toBe(302)

  expect(await outcomeOf(deleteTeam(admin.ctx, teamId))).toBe('role-required')
  await deleteTeam(owner.ctx, teamId)
  expect((await listTeamViews(owner.ctx)).map(({ name }) => name)).toEqual(['Personal'])
  expect(await outcomeOf(renameTeam(owner.ctx, teamId, 'Again'))).toBe('team-not-found')

  const counts = await eraseTeams(services, new AbortController().signal)
  await eraseFiles(services)

  expect(counts).toEqual({ teams: 1, links: 1, files: 1 })
  expect((await app.request(`/${link.slug}`)).status).toBe(404)
  expect(await services.db.selectFrom('team').selectAll().where('id', '=', teamId).execute()).toEqual([])
  expect(await services.db.selectFrom('link_erasure').selectAll().execute()).toEqual([{ link_id: link.id }])
  expect(await eraseTeams(services, new AbortController().signal)).toEqual({ teams: 0, links: 0, files: 0 })
})

test('a key that may not change accounts changes no team', async () => {
  await using app = await testApp()
  const owner = await givenPerson(app)
  const team = await createTeam(owner.ctx, 'Press')
  const key = await createKey(owner.ctx, {
    dialect: 'onehop',
    name: 'r',
    abilities: ['user:read', 'links:write'],
  })
  const reader: Ctx = { ...app.app.services, actor: await authenticateKey(app.app.services, key.secret) }
  const nobody: Ctx = { ...app.app.services, actor: { kind: 'anonymous', credential: 'missing' } }

  for (const [ctx, code] of [
    [reader, 'forbidden'],
    [nobody, 'unauthenticated'],
  ] as const) {
    expect(await outcomeOf(createTeam(ctx, 'Mine'))).toBe(code)
    expect(await outcomeOf(renameTeam(ctx, team.id, 'Mine'))).toBe(code)
    expect(await outcomeOf(deleteTeam(ctx, team.id))).toBe(code)
    expect(await outcomeOf(removeMember(ctx, team.id, owner.account.user.id))).toBe(code)
  }
})

interface Person {
  readonly account: TestAccount
  readonly ctx: Ctx
}

const FIRST = { afterUserId: undefined, limit: 20 }

async function givenPerson(app: TestApp): Promise<Person> {
  const account = await app.givenAccount()
  const { services } = app.app
  return { account, ctx: { ...services, actor: await authenticateKey(services, account.key.secret) } }
}

async function givenTeam(app: TestApp) {
  const [owner, admin, member] = [await givenPerson(app), await givenPerson(app), await givenPerson(app)]
  const { id: teamId } = await createTeam(owner.ctx, 'Press')
  for (const [person, role] of [
    [admin, 'admin'],
    [member, 'member'],
  ] as const) {
    await invite(owner.ctx, teamId, { email: person.account.user.email, role })
    await acceptInvitation(person.ctx, await lastToken(app))
  }
  return { owner, admin, member, teamId }
}

async function roles(ctx: Ctx, teamId: number): Promise<readonly Role[]> {
  return (await listMembers(ctx, teamId, FIRST)).members.map(({ role }) => role)
}

async function lastToken(app: TestApp): Promise<string> {
  const mail = (await queuedMails(app)).at(-1)
  return /\?token=(\w+)/.exec(mail?.text ?? '')?.[1] ?? ''
}
