import { CircleAlert } from 'lucide-react'
import { type ReactNode, createContext, use, useState } from 'react'
import { Form as AriaForm } from 'react-aria-components/Form'
import { ApiError, messageOf } from '#dash/api/client.ts'
import { Button, type ButtonProps } from './button.tsx'

/** What was filled in, by the fields' names; what is empty is there as `''`. */
export type FormValues = Readonly<Record<string, string>>

export interface FormProps {
  /** Sends it; what it throws is shown beside the fields the server names, or above the form. */
  readonly action: (values: FormValues) => Promise<void>
  readonly children: ReactNode
  /** Names that the server's fields have in this form, where they differ. */
  readonly fieldNames?: Readonly<Record<string, string>>
  readonly label?: string
}

const PendingContext = createContext(false)

/**
 * A form over fields with names. It is checked by the browser as far as the fields say how, then sent once, and what the
 * server does not accept is shown where it stands.
 */
export function Form({ action, children, fieldNames = {}, label }: FormProps) {
  const [error, setError] = useState<unknown>()
  const [isPending, setPending] = useState(false)

  async function submit(form: HTMLFormElement): Promise<void> {
    const values = Object.fromEntries(
      [...new FormData(form)].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    ) as FormValues
    setPending(true)
    setError(undefined)
    try {
      await action(values)
    } catch (problem) {
      setError(problem)
    } finally {
      setPending(false)
    }
  }

  const fields = error instanceof ApiError ? error.fields : []
  return (
    <AriaForm
      className="form"
      {...(label !== undefined && { 'aria-label': label })}
      validationErrors={Object.fromEntries(
        fields.map(({ field, detail }) => [fieldNames[field] ?? field, sentence(detail)]),
      )}
      onSubmit={(event) => {
        event.preventDefault()
        if (!isPending) void submit(event.currentTarget)
      }}
    >
      {error !== undefined && fields.length === 0 && <FormError error={error} />}
      <PendingContext value={isPending}>{children}</PendingContext>
    </AriaForm>
  )
}

/** What went wrong with a whole form. */
export function FormError({ error }: { readonly error: unknown }) {
  return (
    <div className="notice" data-tone="bad" role="alert">
      <CircleAlert size={16} aria-hidden="true" />
      <span>{messageOf(error)}</span>
    </div>
  )
}

/** Sends the form it stands in, and turns while it is under way. */
export function SubmitButton({ children, ...props }: Omit<ButtonProps, 'type'>) {
  const isPending = use(PendingContext)
  return (
    <Button variant="primary" {...props} type="submit" isPending={isPending}>
      {children}
    </Button>
  )
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
