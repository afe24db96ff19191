import { z } from 'zod'
import { Role } from './account.ts'
import { body, instant, oneOf, text } from './fields.ts'

export const Team = z
  .object({
    id: z.int(),
    name: z.string(),
    role: Role.meta({ description: 'That of whoever asks.' }),
    is_personal: z.boolean(),
    members: z.int(),
    plan: z.string(),
    created_at: instant,
  })
  .meta({ id: 'Team' })
export type Team = z.infer<typeof Team>

export const TeamName = body({ name: text })
export type TeamName = z.infer<typeof TeamName>

const role = oneOf('owner', 'admin', 'member', 'viewer')

export const UserBrief = z.object({ id: z.int(), name: z.string(), email: z.string() })

export const Member = z.object({ user: UserBrief, role: Role, joined_at: instant }).meta({ id: 'Member' })
export type Member = z.infer<typeof Member>

export const MemberChange = body({ role })
export type MemberChange = z.infer<typeof MemberChange>

export const Invitation = z
  .object({
    id: z.string(),
    email: z.string(),
    role: Role,
    invited_by: UserBrief.nullable(),
    created_at: instant,
    expires_at: instant,
  })
  .meta({ id: 'Invitation' })
export type Invitation = z.infer<typeof Invitation>

export const InvitationNew = body({ email: text, role })
export type InvitationNew = z.infer<typeof InvitationNew>

export const ShownInvitation = z
  .object({
    team: z.object({ name: z.string() }),
    email: z.string(),
    role: Role,
    expires_at: instant,
    has_account: z.boolean().meta({ description: 'Whether the address has an account.' }),
  })
  .meta({ id: 'ShownInvitation' })
export type ShownInvitation = z.infer<typeof ShownInvitation>
