import { useQuery } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { abilitiesQuery, type KeyDialect, type KeyWithSecret, useCreateKey } from '#dash/api/keys.ts'
import { Button } from '#dash/ui/button.tsx'
import { CheckboxList } from '#dash/ui/checkbox-list.tsx'
import { Copyable } from '#dash/ui/copy.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { Select, TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { Segments } from '#dash/ui/segments.tsx'
import { SkeletonRows } from '#dash/ui/states.tsx'
import { DIALECTS } from './dialects.ts'
import { KeyExample } from './key-example.tsx'

const DAY_MS = 24 * 3600_000

const EXPIRIES = [
  { id: 'never', label: 'Never' },
  { id: '7', label: 'In a week' },
  { id: '30', label: 'In 30 days' },
  { id: '90', label: 'In 90 days' },
  { id: '365', label: 'In a year' },
]

/** Makes a key and, once, shows it. */
export function CreateKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const [made, setMade] = useState<KeyWithSecret>()
  return made === undefined ? (
    <Dialog title="Create an API key" isOpen isKept onOpenChange={onClose}>
      <KeyForm onClose={onClose} onMade={setMade} />
    </Dialog>
  ) : (
    <Dialog title="Your new key" isOpen isKept onOpenChange={onClose}>
      <div className="stack">
        <div className="notice" data-tone="warn">
          <TriangleAlert size={16} aria-hidden="true" />
          <span>Copy it now. It is not shown again; if it is lost, revoke it and create another.</span>
        </div>
        <Copyable text={made.secret} what="key" />
        <KeyExample secret={made.secret} dialect={made.dialect} />
        <div className="dialog-foot">
          <Button variant="primary" onPress={onClose}>
            I have copied it
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

interface KeyFormProps {
  readonly onClose: () => void
  readonly onMade: (key: KeyWithSecret) => void
}

function KeyForm({ onClose, onMade }: KeyFormProps) {
  const createKey = useCreateKey()
  const [dialect, setDialect] = useState<KeyDialect>('onehop')
  const [expiry, setExpiry] = useState('never')
  const [scope, setScope] = useState<'all' | 'some'>('all')
  const [abilities, setAbilities] = useState<readonly string[]>([])
  return (
    <Form
      action={async ({ name = '' }) => {
        const days = Number(expiry)
        const key = await createKey({
          name: name.trim(),
          dialect,
          abilities: scope === 'all' ? ['*'] : [...abilities],
          ...(days > 0 && { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }),
        })
        onMade(key)
      }}
    >
      <TextField
        label="Name"
        name="name"
        isRequired
        autoFocus
        maxLength={100}
        placeholder="Newsletter script"
        hint="What or who uses it."
      />
      <div className="form-columns">
        <Select
          label="Form"
          choices={DIALECTS.map(({ id, label, hint }) => ({ id, label, hint }))}
          value={dialect}
          onChange={setDialect}
          hint="How it looks. Any form opens every API."
        />
        <Select label="Expires" choices={EXPIRIES} value={expiry} onChange={setExpiry} />
      </div>
      <div className="field">
        <span className="field-label" aria-hidden="true">
          Abilities
        </span>
        <Segments
          label="Abilities"
          value={scope}
          onChange={setScope}
          segments={[
            { id: 'all', label: 'Whatever I may do' },
            { id: 'some', label: 'Only some things' },
          ]}
        />
      </div>
      {scope === 'some' && <AbilityList value={abilities} onChange={setAbilities} />}
      <div className="dialog-foot">
        <Button onPress={onClose}>Cancel</Button>
        <SubmitButton isDisabled={scope === 'some' && abilities.length === 0}>Create key</SubmitButton>
      </div>
    </Form>
  )
}

interface AbilityListProps {
  readonly value: readonly string[]
  readonly onChange: (value: readonly string[]) => void
}

function AbilityList({ value, onChange }: AbilityListProps) {
  const abilities = useQuery(abilitiesQuery)
  if (abilities.data === undefined) return <SkeletonRows rows={4} />
  return (
    <CheckboxList
      label="What it may do"
      name="abilities"
      hasColumns
      choices={abilities.data.data.map(({ name, description }) => ({
        id: name,
        label: name,
        hint: description,
      }))}
      value={value}
      onChange={onChange}
    />
  )
}
