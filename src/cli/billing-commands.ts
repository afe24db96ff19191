import { describeOrder, type OrderOfTeam } from '#core/billing/order.ts'
import { decideOrder } from '#core/billing/order-payment.ts'
import { findOrder, findOrders } from '#core/billing/order-queries.ts'
import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { cronSecret } from '#core/schedule/authorize-cron.ts'
import { type Command, given } from './account-commands.ts'
import { columns } from './columns.ts'

/** Orders one list shows, oldest of the newest first. */
const MAX_LISTED = 500

/** The commands about orders, and the secret of the schedule. */
export const BILLING_COMMANDS: Readonly<Partial<Record<string, Command>>> = {
  'order list': async (services) => {
    const pending = await findOrders(services.db, { teamId: undefined, status: 'pending', limit: MAX_LISTED })
    const waiting = pending.filter((order) => order.expiresAt > services.now())
    if (waiting.length === 0) return ['No order waits for a decision.']
    return columns([
      ['ID', 'FOR', 'WHAT', 'AMOUNT', 'SINCE', 'UNTIL'],
      ...waiting.map((order) => [
        order.publicId,
        order.ownerEmail ?? order.teamName,
        describeOrder(order),
        amount(order),
        day(order.createdAt),
        day(order.expiresAt),
      ]),
    ])
  },

  'order approve': async (services, [id]) => {
    const order = await requireOrder(services, id)
    await decideOrder(services, order, { status: 'approved', userId: null })
    return [`Approved: ${describeOrder(order)} for ${order.ownerEmail ?? order.teamName}, ${amount(order)}.`]
  },

  'order reject': async (services, [id]) => {
    const order = await requireOrder(services, id)
    await decideOrder(services, order, { status: 'rejected', userId: null })
    return [`Rejected: ${describeOrder(order)} for ${order.ownerEmail ?? order.teamName}, ${amount(order)}.`]
  },

  'cron-secret': (services) => Promise.resolve([cronSecret(services)]),
}

async function requireOrder(services: Services, id: string | undefined): Promise<OrderOfTeam> {
  const publicId = given(id, 'ID')
  const order = await findOrder(services.db, publicId)
  if (order === undefined) throw new DomainError('order-not-found', { id: publicId })
  return order
}

function amount({ amountCents, currency }: OrderOfTeam): string {
  return `${(amountCents / 100).toFixed(2)} ${currency}`
}

function day(instant: Date): string {
  return instant.toISOString().slice(0, 10)
}
