import type { ReactNode } from 'react'
import {
  DropZone as AriaDropZone,
  type DropZoneProps as AriaDropZoneProps,
} from 'react-aria-components/DropZone'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import { Text } from 'react-aria-components/Text'
import { Button } from './button.tsx'

type DropItem = Parameters<NonNullable<AriaDropZoneProps['onDrop']>>[0]['items'][number]

export interface DropZoneProps {
  /** What to drop, such as `Drop files here`. */
  readonly label: string
  readonly hint?: ReactNode
  readonly icon?: ReactNode
  /** What the button says that opens the browser's own dialog. */
  readonly button: string
  readonly isMultiple?: boolean
  /** Types or endings that the browser's dialog offers. */
  readonly accept?: readonly string[]
  readonly isDisabled?: boolean
  readonly onFiles: (files: readonly File[]) => void
}

/** Takes files that are dropped, pasted or chosen. */
export function DropZone({
  label,
  hint,
  icon,
  button,
  isMultiple,
  accept,
  isDisabled,
  onFiles,
}: DropZoneProps) {
  async function take(items: readonly DropItem[]): Promise<void> {
    const files = await Promise.all(items.flatMap((item) => (item.kind === 'file' ? [item.getFile()] : [])))
    if (files.length > 0) onFiles(isMultiple === true ? files : files.slice(0, 1))
  }
  return (
    <AriaDropZone
      className="drop-zone"
      isDisabled={isDisabled === true}
      onDrop={({ items }) => void take(items)}
      getDropOperation={() => 'copy'}
    >
      {icon !== undefined && (
        <span className="empty-icon" aria-hidden="true">
          {icon}
        </span>
      )}
      <Text slot="label" className="drop-zone-label">
        {label}
      </Text>
      <FileTrigger
        allowsMultiple={isMultiple === true}
        {...(accept && { acceptedFileTypes: accept })}
        onSelect={(files) => {
          if (files !== null && files.length > 0) onFiles([...files])
        }}
      >
        <Button variant="primary" isDisabled={isDisabled === true}>
          {button}
        </Button>
      </FileTrigger>
      {hint !== undefined && <p className="field-hint">{hint}</p>}
    </AriaDropZone>
  )
}
