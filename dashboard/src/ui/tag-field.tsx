import { X } from 'lucide-react'
import { type KeyboardEvent, useId, useState } from 'react'

export interface TagFieldProps {
  readonly label: string
  readonly value: readonly string[]
  readonly onChange: (tags: readonly string[]) => void
  /** What others are called. */
  readonly suggestions?: readonly string[]
  readonly hint?: string
}

/** Several words, each ended by Enter or a comma; Backspace takes the last one away. */
export function TagField({ label, value, onChange, suggestions = [], hint }: TagFieldProps) {
  const [text, setText] = useState('')
  const id = useId()

  const add = (given: string): void => {
    const added = given.split(',').map((tag) => tag.trim())
    onChange([...new Set([...value, ...added.filter((tag) => tag !== '')])])
    setText('')
  }
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter' && text.trim() !== '') {
      event.preventDefault()
      add(text)
    }
    if (event.key === 'Backspace' && text === '') onChange(value.slice(0, -1))
  }
  return (
    <div className="field">
      <label htmlFor={id} className="field-label">
        {label} <span aria-hidden="true">optional</span>
      </label>
      <div className="input-group tag-field">
        {value.map((tag) => (
          <span key={tag} className="tag">
            {tag}
            <button
              type="button"
              aria-label={`Remove ${tag}`}
              onClick={() => onChange(value.filter((other) => other !== tag))}
            >
              <X size={12} aria-hidden="true" />
            </button>
          </span>
        ))}
        <input
          id={id}
          value={text}
          list={`${id}-known`}
          placeholder={value.length === 0 ? 'spring, print' : ''}
          onChange={(event) =>
            event.target.value.includes(',') ? add(event.target.value) : setText(event.target.value)
          }
          onKeyDown={press}
          onBlur={() => add(text)}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        />
        <datalist id={`${id}-known`}>
          {suggestions
            .filter((tag) => !value.includes(tag))
            .map((tag) => (
              <option key={tag} value={tag} />
            ))}
        </datalist>
      </div>
      {hint !== undefined && (
        <span id={`${id}-hint`} className="field-hint">
          {hint}
        </span>
      )}
    </div>
  )
}
