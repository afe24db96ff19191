import type { BillingInterval } from './billing-periods.ts'
import type { CreditMetric } from './prices.ts'

/** Where an order stands. Only a pending one can be decided, and only before it expires. */
export const ORDER_STATUSES = ['pending', 'approved', 'rejected', 'expired'] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

/** An order of a plan, or of credits that are used when a month's allowance is. */
export type OrderSubject =
  | {
      /** `renewal` goes on with a term, `upgrade` changes one that is paid for, `start` begins the first. */
      readonly kind: 'start' | 'renewal' | 'upgrade'
      readonly plan: string
      readonly interval: BillingInterval
    }
  | { readonly kind: 'credits'; readonly metric: CreditMetric; readonly quantity: number }

export interface Order {
  readonly id: number
  readonly publicId: string
  readonly teamId: number
  /** Null: the schedule ordered it. */
  readonly userId: number | null
  readonly subject: OrderSubject
  readonly amountCents: number
  readonly currency: string
  readonly status: OrderStatus
  readonly provider: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly decidedAt: Date | null
}

/** An order with the name of whose it is. */
export interface OrderOfTeam extends Order {
  readonly teamName: string
  /** The address of the team's owner. */
  readonly ownerEmail: string | null
}

/** What an order is for, in a line. */
export function describeOrder({ subject }: Pick<Order, 'subject'>): string {
  switch (subject.kind) {
    case 'credits':
      return `${subject.quantity} ${subject.metric === 'links' ? 'links' : 'QR codes'}`
    case 'start':
      return `${subject.plan} plan, a ${subject.interval}`
    case 'renewal':
      return `${subject.plan} plan, another ${subject.interval}`
    case 'upgrade':
      return `Change to the ${subject.plan} plan, paid by the ${subject.interval}`
  }
}
