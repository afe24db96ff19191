import { useState } from 'react'
import type { LinkKind } from '#dash/api/links.ts'
import { Checkbox, type Choice, Select, TextField } from '#dash/ui/fields.tsx'
import type { FormValues } from '#dash/ui/form.tsx'

type PayloadKind = Exclude<LinkKind, 'url'>
type Payload = Readonly<Record<string, unknown>>

export interface PayloadFieldsProps {
  readonly kind: PayloadKind
  readonly payload: Payload
}

/** What a typed link's page shows. */
export function PayloadFields({ kind, payload }: PayloadFieldsProps) {
  switch (kind) {
    case 'wifi':
      return <WifiFields payload={payload} />
    case 'vcard':
      return <ContactFields payload={payload} />
    case 'text':
      return (
        <TextField
          label="Text"
          name="text"
          isMultiline
          rows={6}
          isRequired
          autoFocus
          defaultValue={textOf(payload['text'])}
        />
      )
  }
}

type Encryption = 'WPA' | 'SAE' | 'WEP' | 'nopass'

const ENCRYPTIONS: readonly Choice<Encryption>[] = [
  { id: 'WPA', label: 'WPA, WPA2 or mixed', hint: 'What nearly every network has' },
  { id: 'SAE', label: 'WPA3 alone' },
  { id: 'WEP', label: 'WEP' },
  { id: 'nopass', label: 'None' },
]

function WifiFields({ payload }: { readonly payload: Payload }) {
  const given = ENCRYPTIONS.find(({ id }) => id === payload['encryption'])?.id
  const [encryption, setEncryption] = useState<Encryption>(given ?? 'WPA')
  return (
    <>
      <TextField
        label="Network name"
        name="ssid"
        isRequired
        autoFocus
        defaultValue={textOf(payload['ssid'])}
        hint="Exactly as it is shown, capitals included."
      />
      <div className="form-columns">
        <Select
          label="Security"
          name="encryption"
          choices={ENCRYPTIONS}
          value={encryption}
          onChange={setEncryption}
        />
        {encryption !== 'nopass' && (
          <TextField
            label="Password"
            name="password"
            type="password"
            isRequired
            autoComplete="off"
            defaultValue={textOf(payload['password'])}
          />
        )}
      </div>
      <Checkbox name="hidden" defaultSelected={payload['hidden'] === true}>
        The network does not show its name
      </Checkbox>
    </>
  )
}

function ContactFields({ payload }: { readonly payload: Payload }) {
  const address = firstOf(payload['addresses'])
  return (
    <>
      <div className="form-columns">
        <TextField
          label="First name"
          name="given_name"
          autoFocus
          defaultValue={textOf(payload['given_name'])}
        />
        <TextField label="Last name" name="family_name" defaultValue={textOf(payload['family_name'])} />
      </div>
      <div className="form-columns">
        <TextField label="Organisation" name="organization" defaultValue={textOf(payload['organization'])} />
        <TextField label="Role" name="job_title" defaultValue={textOf(payload['job_title'])} />
      </div>
      <div className="form-columns">
        <TextField
          label="Telephone"
          name="phone"
          type="tel"
          defaultValue={textOf(firstOf(payload['phones'])['number'])}
        />
        <TextField
          label="E-mail"
          name="email"
          type="email"
          defaultValue={textOf(firstOf(payload['emails'])['address'])}
        />
      </div>
      <TextField label="Website" name="url" inputMode="url" defaultValue={firstText(payload['urls'])} />
      <div className="form-columns">
        <TextField label="Street" name="street" defaultValue={textOf(address['street'])} />
        <TextField label="Postal code" name="postal_code" defaultValue={textOf(address['postal_code'])} />
        <TextField label="City" name="city" defaultValue={textOf(address['city'])} />
        <TextField label="Country" name="country" defaultValue={textOf(address['country'])} />
      </div>
    </>
  )
}

/** What was filled in, as the API takes it; what is empty is left out. */
export function payloadOf(kind: PayloadKind, values: FormValues): Payload {
  const text = (name: string) => (values[name] ?? '').trim() || undefined
  switch (kind) {
    case 'wifi':
      return filled({
        ssid: values['ssid'],
        encryption: values['encryption'],
        password: values['encryption'] === 'nopass' ? undefined : values['password'],
        hidden: values['hidden'] !== undefined,
      })
    case 'vcard': {
      const url = text('url')
      const address = filled({
        street: text('street'),
        postal_code: text('postal_code'),
        city: text('city'),
        country: text('country'),
      })
      return filled({
        given_name: text('given_name'),
        family_name: text('family_name'),
        organization: text('organization'),
        job_title: text('job_title'),
        phones: text('phone') && [{ number: text('phone') }],
        emails: text('email') && [{ address: text('email') }],
        urls: url && [/^https?:\/\//i.test(url) ? url : `https://${url}`],
        addresses: Object.keys(address).length === 0 ? undefined : [address],
      })
    }
    case 'text':
      return { text: values['text'] ?? '' }
  }
}

function filled(fields: Payload): Payload {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function firstText(value: unknown): string {
  return Array.isArray(value) ? textOf(value[0]) : ''
}

function firstOf(value: unknown): Payload {
  const first: unknown = Array.isArray(value) ? value[0] : undefined
  return typeof first === 'object' && first !== null ? { ...first } : {}
}
