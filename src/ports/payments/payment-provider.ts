/** What is to be paid, as a provider needs to know it. */
export interface PaymentDue {
  /** Of the order, and unique: a provider that is asked for it twice collects once. */
  readonly id: string
  readonly amountCents: number
  readonly currency: 'USD'
  /** One line for the payer. */
  readonly description: string
}

/** `waiting`: somebody will decide later; `paid` and `declined` are final. */
export type PaymentOutcome = 'waiting' | 'paid' | 'declined'

/** Gets orders paid. */
export interface PaymentProvider {
  readonly name: string
  /** Ask for the payment of an order, outside every transaction; after a failure it is asked for again. */
  collect(due: PaymentDue): Promise<PaymentOutcome>
}

/** Payment happens elsewhere, and an operator says that it has: by approving the order. */
export const manualPayments: PaymentProvider = {
  name: 'manual',
  collect: () => Promise.resolve('waiting'),
}
