import { TriangleAlert } from 'lucide-react'
import { Button } from '#dash/ui/button.tsx'
import { Copyable } from '#dash/ui/copy.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'

export interface SecretDialogProps {
  readonly secret: string
  /** What the old one is still good for, where there was one. */
  readonly isRotated?: boolean
  readonly onClose: () => void
}

/** A webhook's secret, this once. */
export function SecretDialog({ secret, isRotated = false, onClose }: SecretDialogProps) {
  return (
    <Dialog title="The secret that signs" isOpen isKept onOpenChange={onClose}>
      <div className="stack">
        <div className="notice" data-tone="warn">
          <TriangleAlert size={16} aria-hidden="true" />
          <span>Copy it now. It is not shown again; if it is lost, make a new one.</span>
        </div>
        <Copyable text={secret} what="secret" />
        <p className="soft">
          Each request is signed with it, as Standard Webhooks has it: check <code>webhook-signature</code>{' '}
          and you know that it comes from here.
          {isRotated && ' For 24 hours requests are signed by the old one as well.'}
        </p>
        <div className="dialog-foot">
          <Button variant="primary" onPress={onClose}>
            I have copied it
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
