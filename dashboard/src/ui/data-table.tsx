import { ArrowDown } from 'lucide-react'
import type { ReactNode } from 'react'
import {
  Cell,
  Column as AriaColumn,
  Row,
  Table,
  TableBody,
  TableHeader,
  type Selection,
} from 'react-aria-components/Table'
import { Button } from './button.tsx'
import { Checkbox } from './fields.tsx'

export type { Selection } from 'react-aria-components/Table'

/** A column of a {@link DataTable}. */
export interface Column<T> {
  readonly id: string
  readonly name: string
  readonly cell: (row: T) => ReactNode
  /** The one that says which row it is. */
  readonly isHeader?: boolean
  /** Numbers are at the end. */
  readonly align?: 'end'
  /** As narrow as what is in it. */
  readonly isNarrow?: boolean
  readonly canSort?: boolean
  /** The name is for those who do not see the column: of a column of buttons, say. */
  readonly isNameHidden?: boolean
  /**
   * On a phone, where rows are cards: `inline` beside others, `line` on a line of its own, `corner` at the end of the
   * first, `hide` not at all.
   */
  readonly phone?: 'inline' | 'line' | 'corner' | 'hide'
  /** Stands before the value on a phone. */
  readonly phoneLabel?: string
}

export interface Sort {
  readonly column: string
  readonly direction: 'ascending' | 'descending'
}

export interface DataTableProps<T> {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly rowId: (row: T) => string
  /** Where a press on a row leads. */
  readonly rowHref?: (row: T) => string
  /** An `EmptyState`. */
  readonly empty: ReactNode
  readonly sort?: Sort | undefined
  readonly onSort?: (sort: Sort) => void
  readonly selection?: Selection
  readonly onSelect?: (selection: Selection) => void
  /** More rows are there and can be loaded. */
  readonly hasMore?: boolean
  readonly isLoadingMore?: boolean
  readonly onLoadMore?: () => void
  /** Stands below, such as how many there are. */
  readonly foot?: ReactNode
}

/** A list in columns: read and sorted by keyboard, rows selected with a tick, cards on a phone. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, columns, rows, rowId, rowHref, empty, sort, onSort, selection, onSelect, foot } = props
  const hasSelection = selection !== undefined
  return (
    <div className="table-frame">
      <div className="table-scroll">
        <Table
          aria-label={label}
          className="table"
          data-stacks=""
          selectionMode={hasSelection ? 'multiple' : 'none'}
          selectionBehavior="toggle"
          {...(hasSelection && { selectedKeys: selection })}
          {...(onSelect && { onSelectionChange: onSelect })}
          {...(sort && { sortDescriptor: sort })}
          onSortChange={(next) => onSort?.({ column: String(next.column), direction: next.direction })}
        >
          <TableHeader>
            {hasSelection && (
              <AriaColumn className="table-select" data-shrink="" width={20}>
                <Checkbox slot="selection" aria-label="Select all rows" />
              </AriaColumn>
            )}
            {columns.map((column) => (
              <AriaColumn
                key={column.id}
                id={column.id}
                isRowHeader={column.isHeader === true}
                allowsSorting={column.canSort === true}
                data-align={column.align}
                data-shrink={column.isNarrow === true ? '' : undefined}
              >
                {column.canSort === true ? (
                  <span className="table-sort">
                    {column.name}
                    <ArrowDown size={14} aria-hidden="true" />
                  </span>
                ) : column.isNameHidden === true ? (
                  <span className="visually-hidden">{column.name}</span>
                ) : (
                  column.name
                )}
              </AriaColumn>
            ))}
          </TableHeader>
          <TableBody renderEmptyState={() => empty}>
            {rows.map((row) => (
              <Row key={rowId(row)} id={rowId(row)} {...(rowHref && { href: rowHref(row) })}>
                {hasSelection && (
                  <Cell className="table-select">
                    <Checkbox slot="selection" aria-label="Select row" />
                  </Cell>
                )}
                {columns.map((column) => (
                  <Cell
                    key={column.id}
                    data-align={column.align}
                    data-shrink={column.isNarrow === true ? '' : undefined}
                    data-header={column.isHeader === true ? '' : undefined}
                    data-phone={column.phone}
                    data-label={column.phoneLabel}
                  >
                    {column.cell(row)}
                  </Cell>
                ))}
              </Row>
            ))}
          </TableBody>
        </Table>
      </div>
      {(foot !== undefined || props.hasMore === true) && rows.length > 0 && (
        <div className="table-foot">
          <span>{foot}</span>
          {props.hasMore === true && (
            <Button
              size="small"
              isPending={props.isLoadingMore === true}
              onPress={() => props.onLoadMore?.()}
            >
              Load more
            </Button>
          )}
        </div>
      )}
    </div>
  )
}
