import { CheckboxGroup } from 'react-aria-components/CheckboxGroup'
import { FieldError } from 'react-aria-components/FieldError'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { Checkbox, type Choice } from './fields.tsx'

export interface CheckboxListProps<T extends string> {
  readonly label: string
  readonly hint?: string
  readonly choices: readonly Choice<T>[]
  readonly value: readonly T[]
  readonly onChange: (value: readonly T[]) => void
  /** The name of the form's field that the server's problems with it are shown at. */
  readonly name?: string
  readonly isRequired?: boolean
  /** In as many columns as there is room for; the words must be short. */
  readonly hasColumns?: boolean
}

/** Any of some, all in sight. */
export function CheckboxList<T extends string>(props: CheckboxListProps<T>) {
  const { label, hint, choices, value, onChange, name, isRequired = false, hasColumns = false } = props
  return (
    <CheckboxGroup
      className="field"
      value={[...value]}
      onChange={(ids) => onChange(choices.map(({ id }) => id).filter((id) => ids.includes(id)))}
      isRequired={isRequired}
      {...(name !== undefined && { name })}
    >
      <Label className="field-label">{label}</Label>
      <div className="checkbox-list" data-columns={hasColumns ? '' : undefined}>
        {choices.map((choice) => (
          <Checkbox key={choice.id} value={choice.id}>
            <span>
              {choice.label}
              {choice.hint !== undefined && <span className="field-hint menu-hint">{choice.hint}</span>}
            </span>
          </Checkbox>
        ))}
      </div>
      {hint !== undefined && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error" />
    </CheckboxGroup>
  )
}
