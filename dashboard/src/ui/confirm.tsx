import { useSyncExternalStore } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

interface Question {
  readonly title: string
  /** What follows, and whether it can be undone. */
  readonly text: string
  /** What the button does: a verb and a noun. */
  readonly action: string
  readonly isDangerous?: boolean
}

interface Asked extends Question {
  readonly answer: (isConfirmed: boolean) => void
}

let asked: Asked | undefined
const listeners = new Set<() => void>()

/** Ask before something that cannot be undone. */
export function confirm(question: Question): Promise<boolean> {
  asked?.answer(false)
  return new Promise((resolve) => {
    show({
      ...question,
      answer(isConfirmed) {
        show(undefined)
        resolve(isConfirmed)
      },
    })
  })
}

function show(next: Asked | undefined): void {
  asked = next
  for (const listener of listeners) listener()
}

/** Where questions appear; once in the application. */
export function Confirmations() {
  const question = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => asked,
  )
  if (question === undefined) return null
  return (
    <Dialog
      title={question.title}
      size="small"
      role="alertdialog"
      isOpen
      onOpenChange={() => question.answer(false)}
    >
      <div className="stack">
        <p className="soft">{question.text}</p>
        <div className="dialog-foot">
          <Button onPress={() => question.answer(false)}>Cancel</Button>
          <Button
            variant={question.isDangerous === false ? 'primary' : 'danger'}
            onPress={() => question.answer(true)}
            autoFocus
          >
            {question.action}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
