import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from './button.tsx'
import { toastError } from './toast.tsx'

const SHOWN_MS = 1_600

export interface CopyButtonProps {
  readonly text: string
  /** What is copied, such as `short link`. */
  readonly what: string
  readonly size?: 'small' | 'medium'
}

/** Puts a text into the clipboard, and shows that it did. */
export function CopyButton({ text, what, size = 'small' }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  return (
    <IconButton
      size={size}
      label={isCopied ? 'Copied' : `Copy ${what}`}
      icon={isCopied ? <Check size={15} /> : <Copy size={15} />}
      onPress={() => {
        copyText(text).then(
          () => setCopied(true),
          (error: unknown) => toastError(`The ${what} could not be copied`, error),
        )
      }}
    />
  )
}

/** Something to be copied, whole and in sight. */
export function Copyable({ text, what }: CopyButtonProps) {
  return (
    <div className="copyable">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </div>
  )
}

/** Lines of a program to be copied. */
export function CodeBlock({ text, what }: CopyButtonProps) {
  return (
    <div className="code-block">
      {/* It may be wider than the page: those without a pointer must be able to scroll it. */}
      <pre tabIndex={0} role="region" aria-label={what}>
        {text}
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  )
}

/**
 * Put a text into the clipboard, also on a page without TLS, where browsers have no clipboard for programs.
 *
 * @throws Error when the browser does not let it
 */
export async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text)
    return
  }
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'visually-hidden'
  document.body.append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  if (!isCopied) throw new Error('Select and copy it by hand.')
}
