import { Receipt } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ListedOrder, Order } from '#dash/api/billing.ts'
import { Badge, type Tone } from '#dash/ui/badge.tsx'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { Time } from '#dash/ui/format.tsx'
import { EmptyState } from '#dash/ui/states.tsx'
import { formatMoney } from './money.ts'

const STATUS: Readonly<Record<Order['status'], { readonly label: string; readonly tone: Tone }>> = {
  pending: { label: 'Waits for payment', tone: 'warn' },
  approved: { label: 'Paid', tone: 'good' },
  rejected: { label: 'Rejected', tone: 'bad' },
  expired: { label: 'Expired', tone: 'neutral' },
}

export interface OrdersTableProps {
  readonly orders: readonly ListedOrder[]
  /** Further columns: whose it is, what can be done. */
  readonly columns?: readonly Column<ListedOrder>[]
  readonly hasMore: boolean
  readonly isLoadingMore: boolean
  readonly onLoadMore: () => void
  readonly empty?: ReactNode
}

/** Orders, the latest first. */
export function OrdersTable({ orders, columns = [], empty, ...more }: OrdersTableProps) {
  return (
    <DataTable
      label="Orders"
      columns={[...COLUMNS, ...columns]}
      rows={orders}
      rowId={({ id }) => id}
      {...more}
      empty={
        empty ?? (
          <EmptyState
            icon={<Receipt size={24} />}
            title="No orders yet"
            text="Choose a plan, or buy links or QR codes on top of one; the orders stand here."
          />
        )
      }
    />
  )
}

const COLUMNS: readonly Column<ListedOrder>[] = [
  {
    id: 'description',
    name: 'Order',
    isHeader: true,
    cell: ({ description, id }) => (
      <div className="two-lines">
        <span>{description}</span>
        <code className="small faint">{id}</code>
      </div>
    ),
  },
  {
    id: 'amount',
    name: 'Amount',
    isNarrow: true,
    align: 'end',
    phone: 'line',
    cell: ({ amount_cents: cents, currency }) => formatMoney(cents, currency),
  },
  {
    id: 'status',
    name: 'Status',
    isNarrow: true,
    phone: 'inline',
    cell: ({ status }) => <Badge tone={STATUS[status].tone}>{STATUS[status].label}</Badge>,
  },
  {
    id: 'created',
    name: 'Ordered',
    isNarrow: true,
    phone: 'inline',
    cell: ({ created_at: at }) => <Time at={at} />,
  },
]
