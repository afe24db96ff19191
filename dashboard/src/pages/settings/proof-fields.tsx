import type { Proof } from '#dash/api/settings.ts'
import { useAccount } from '#dash/api/session.ts'
import { TextField } from '#dash/ui/fields.tsx'
import type { FormValues } from '#dash/ui/form.tsx'

/** Asks for the password again and, where there is a second factor, for a code. */
export function ProofFields() {
  const { two_factor: hasTwoFactor } = useAccount()
  return (
    <>
      <TextField
        label="Current password"
        name="current_password"
        type="password"
        isRequired
        autoComplete="current-password"
      />
      {hasTwoFactor && <CodeField hint="From your authenticator app, or a recovery code." />}
    </>
  )
}

export function CodeField({ hint }: { readonly hint: string }) {
  return (
    <TextField
      label="Code"
      name="code"
      isRequired
      autoComplete="one-time-code"
      placeholder="123456"
      hint={hint}
    />
  )
}

/** What {@link ProofFields} were filled in with. */
export function proofOf({ current_password: password = '', code = '' }: FormValues): Proof {
  return { current_password: password, ...(code.trim() !== '' && { code: code.trim() }) }
}
