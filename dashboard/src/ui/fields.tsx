import { Check, ChevronDown, Minus, Search, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import {
  Checkbox as AriaCheckbox,
  type CheckboxProps as AriaCheckboxProps,
} from 'react-aria-components/Checkbox'
import { FieldError } from 'react-aria-components/FieldError'
import { Group } from 'react-aria-components/Group'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { SearchField as AriaSearchField } from 'react-aria-components/SearchField'
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select'
import { Switch as AriaSwitch, type SwitchProps as AriaSwitchProps } from 'react-aria-components/Switch'
import { Text } from 'react-aria-components/Text'
import { TextArea } from 'react-aria-components/TextArea'
import {
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
} from 'react-aria-components/TextField'
import { IconButton } from './button.tsx'

export interface TextFieldProps extends Omit<AriaTextFieldProps, 'children' | 'className'> {
  readonly label: string
  /** What a person needs to know to fill it in. */
  readonly hint?: ReactNode
  readonly placeholder?: string
  /** Stands before the text and cannot be changed, such as `https://`. */
  readonly prefix?: string
  readonly isMultiline?: boolean
  readonly rows?: number
}

/** Text that a person types. A password can be shown. */
export function TextField({ label, hint, placeholder, prefix, isMultiline, rows, ...props }: TextFieldProps) {
  const [isShown, setShown] = useState(false)
  const isPassword = props.type === 'password'
  const input = <Input {...(placeholder !== undefined && { placeholder })} />
  return (
    <AriaTextField {...props} {...(isPassword && isShown && { type: 'text' })} className="field">
      <FieldLabel label={label} isOptional={props.isRequired !== true} />
      {isMultiline === true ? (
        <TextArea className="input" rows={rows ?? 3} {...(placeholder !== undefined && { placeholder })} />
      ) : (
        <Group className="input-group">
          {prefix !== undefined && <span className="input-prefix">{prefix}</span>}
          {input}
          {isPassword && (
            <button type="button" className="input-show" onClick={() => setShown(!isShown)}>
              {isShown ? 'Hide' : 'Show'}
              <span className="visually-hidden"> {label.toLowerCase()}</span>
            </button>
          )}
        </Group>
      )}
      {hint !== undefined && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error" />
    </AriaTextField>
  )
}

function FieldLabel({ label, isOptional }: { readonly label: string; readonly isOptional: boolean }) {
  return (
    <Label className="field-label">
      {label} {isOptional && <span aria-hidden="true">optional</span>}
    </Label>
  )
}

export interface SearchFieldProps {
  readonly label: string
  readonly placeholder?: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onSubmit?: (value: string) => void
}

/** Looks for something in what is on the page; Escape empties it. */
export function SearchField({ label, placeholder, value, onChange, onSubmit }: SearchFieldProps) {
  return (
    <AriaSearchField
      aria-label={label}
      value={value}
      onChange={onChange}
      {...(onSubmit && { onSubmit })}
      className="search-field"
    >
      <Group className="input-group">
        <Search size={16} aria-hidden="true" />
        <Input placeholder={placeholder ?? label} />
        {value !== '' && <IconButton label="Clear search" size="small" icon={<X size={15} />} />}
      </Group>
    </AriaSearchField>
  )
}

export interface Choice<T extends string = string> {
  readonly id: T
  readonly label: string
  readonly hint?: string
}

export interface SelectProps<T extends string> {
  readonly label: string
  /** Where the label is clear from what stands around. */
  readonly isLabelHidden?: boolean
  readonly hint?: string
  readonly choices: readonly Choice<T>[]
  readonly value?: T
  readonly defaultValue?: T
  readonly onChange?: (value: T) => void
  readonly name?: string
  readonly placeholder?: string
  readonly isDisabled?: boolean
}

/** One of a few. */
export function Select<T extends string>(props: SelectProps<T>) {
  const { label, isLabelHidden, hint, choices, value, defaultValue, onChange, ...rest } = props
  return (
    <AriaSelect
      {...rest}
      className="field"
      {...(isLabelHidden === true && { 'aria-label': label })}
      {...(value !== undefined && { value })}
      {...(defaultValue !== undefined && { defaultValue })}
      onChange={(key) => {
        const choice = choices.find(({ id }) => id === key)
        if (choice !== undefined) onChange?.(choice.id)
      }}
    >
      {isLabelHidden !== true && <Label className="field-label">{label}</Label>}
      <AriaButton className="select-button">
        <SelectValue>{({ selectedText, defaultChildren }) => selectedText ?? defaultChildren}</SelectValue>
        <ChevronDown size={16} aria-hidden="true" />
      </AriaButton>
      {hint !== undefined && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error" />
      <Popover className="popover" offset={5}>
        <ListBox className="menu" items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.label} className="menu-item">
              {({ isSelected }) => (
                <>
                  <span className="menu-text">
                    {choice.label}
                    {choice.hint !== undefined && <span className="field-hint menu-hint">{choice.hint}</span>}
                  </span>
                  {isSelected && <Check size={16} className="menu-check" aria-hidden="true" />}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}

export interface CheckboxProps extends Omit<AriaCheckboxProps, 'children' | 'className'> {
  /** Without one, `aria-label` or a slot says what is ticked. */
  readonly children?: ReactNode
}

/** Ticked or not; in a form it counts when the form is sent. */
export function Checkbox({ children, ...props }: CheckboxProps) {
  return (
    <AriaCheckbox {...props} className="checkbox">
      {({ isIndeterminate }) => (
        <>
          <span className="checkbox-box" aria-hidden="true">
            {isIndeterminate ? <Minus size={14} strokeWidth={3} /> : <Check size={14} strokeWidth={3} />}
          </span>
          {children}
        </>
      )}
    </AriaCheckbox>
  )
}

export interface SwitchProps extends Omit<AriaSwitchProps, 'children' | 'className'> {
  readonly children: ReactNode
}

/** On or off, at once. */
export function Switch({ children, ...props }: SwitchProps) {
  return (
    <AriaSwitch {...props} className="switch">
      <span className="switch-track" aria-hidden="true" />
      {children}
    </AriaSwitch>
  )
}
