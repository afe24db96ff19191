import type { ReactElement, ReactNode } from 'react'
import { Menu as AriaMenu, MenuItem as AriaMenuItem, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import { Separator } from 'react-aria-components/Separator'

export interface MenuProps {
  readonly label: string
  /** The button that opens it. */
  readonly button: ReactElement
  readonly children: ReactNode
  readonly placement?: 'bottom start' | 'bottom end' | 'top start'
}

/** Further things to do. */
export function Menu({ label, button, children, placement = 'bottom end' }: MenuProps) {
  return (
    <MenuTrigger>
      {button}
      <Popover className="popover" placement={placement} offset={6}>
        <AriaMenu className="menu" aria-label={label}>
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}

export interface MenuItemProps {
  readonly children: string
  readonly icon?: ReactNode
  readonly onAction?: () => void
  readonly href?: string
  readonly target?: '_blank'
  readonly tone?: 'danger'
  readonly isDisabled?: boolean
  /** Stands at the end, such as a tick. */
  readonly end?: ReactNode
}

export function MenuItem({ children, icon, onAction, tone, end, ...props }: MenuItemProps) {
  return (
    <AriaMenuItem
      {...props}
      {...(onAction && { onAction })}
      textValue={children}
      className="menu-item"
      data-tone={tone}
    >
      {icon}
      <span className="menu-text clip">{children}</span>
      {end}
    </AriaMenuItem>
  )
}

/** A line between two kinds of things to do. */
export function MenuSeparator() {
  return <Separator className="menu-separator" />
}
