import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { Text } from 'react-aria-components/Text'
import {
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components/Toast'
import { messageOf } from '#dash/api/client.ts'
import { IconButton } from './button.tsx'

interface Message {
  readonly title: string
  readonly text?: string | undefined
  readonly tone: 'good' | 'bad'
}

/** Long enough to be read; a pointer on it or focus in it stops the time. */
const SHOWN_MS = 6_000

const queue = new ToastQueue<Message>({ maxVisibleToasts: 4 })

/** Say that something was done. */
export function toast(title: string, text?: string): void {
  queue.add({ title, text, tone: 'good' }, { timeout: SHOWN_MS })
}

/** Say that something was not done, and why; it stays longer. */
export function toastError(title: string, error: unknown): void {
  queue.add({ title, text: messageOf(error), tone: 'bad' }, { timeout: 2 * SHOWN_MS })
}

/** Where they appear; once in the application. */
export function Toasts() {
  return (
    <ToastRegion queue={queue} className="toasts" aria-label="Results">
      {({ toast: item }) => (
        <Toast toast={item} className="toast" data-tone={item.content.tone}>
          {item.content.tone === 'good' ? (
            <CircleCheck size={18} aria-hidden="true" />
          ) : (
            <CircleAlert size={18} aria-hidden="true" />
          )}
          <ToastContent className="toast-content">
            <Text slot="title" className="toast-title">
              {item.content.title}
            </Text>
            {item.content.text !== undefined && <p>{item.content.text}</p>}
          </ToastContent>
          <IconButton slot="close" size="small" label="Dismiss" icon={<X size={15} />} />
        </Toast>
      )}
    </ToastRegion>
  )
}
