import { X } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { Dialog as AriaDialog, DialogTrigger } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { IconButton } from './button.tsx'

export { DialogTrigger } from 'react-aria-components/Dialog'

export interface DialogProps {
  readonly title: string
  readonly size?: 'small' | 'medium' | 'large'
  /** Without it, a `DialogTrigger` around it decides. */
  readonly isOpen?: boolean
  readonly onOpenChange?: (isOpen: boolean) => void
  /** Whether it stays when the page behind it is pressed: where something typed would be lost. */
  readonly isKept?: boolean
  readonly role?: 'dialog' | 'alertdialog'
  readonly children: ReactNode | ((close: () => void) => ReactNode)
}

/** A task in front of the page. On a phone it rises from below. */
export function Dialog(props: DialogProps) {
  const { title, size = 'medium', isOpen, onOpenChange, isKept = false, role = 'dialog', children } = props
  return (
    <ModalOverlay
      className="scrim"
      isDismissable={!isKept}
      {...(isOpen !== undefined && { isOpen })}
      {...(onOpenChange && { onOpenChange })}
    >
      <Modal className="modal" data-size={size}>
        <AriaDialog className="dialog" role={role}>
          {({ close }) => (
            <>
              <div className="dialog-head">
                <Heading slot="title" level={2}>
                  {title}
                </Heading>
                <IconButton label="Close" size="small" icon={<X size={17} />} onPress={close} />
              </div>
              <div className="dialog-body">{typeof children === 'function' ? children(close) : children}</div>
            </>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}

/** A button and the dialog that it opens. */
export function DialogButton({
  button,
  dialog,
}: {
  readonly button: ReactElement
  readonly dialog: ReactElement
}) {
  return (
    <DialogTrigger>
      {button}
      {dialog}
    </DialogTrigger>
  )
}
