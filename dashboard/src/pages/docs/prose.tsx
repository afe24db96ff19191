import type { ReactNode } from 'react'

/** Paragraphs with `code` and **strong** words, as the document's descriptions have them. */
export function Prose({ text }: { readonly text: string }) {
  return text.split(/\n{2,}/).map((paragraph) => (
    <p key={paragraph} className="prose">
      {inline(paragraph)}
    </p>
  ))
}

/** The same within a line. */
export function InlineProse({ text }: { readonly text: string }) {
  return <>{inline(text)}</>
}

function inline(text: string): ReactNode[] {
  let at = 0
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    at += part.length
    if (part.startsWith('`') && part.length > 2) return <code key={at}>{part.slice(1, -1)}</code>
    if (part.startsWith('**') && part.length > 4) return <strong key={at}>{part.slice(2, -2)}</strong>
    return part
  })
}
