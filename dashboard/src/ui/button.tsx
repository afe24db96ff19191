import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button'
import { Link as AriaLink, type LinkProps as AriaLinkProps } from 'react-aria-components/Link'
import { Tooltip } from './tooltip.tsx'

interface Look {
  /** `primary` is what the page is for: one of them in sight. */
  readonly variant?: 'primary' | 'secondary' | 'quiet' | 'danger' | 'danger-quiet'
  readonly size?: 'small' | 'medium' | 'large'
  readonly icon?: ReactNode
}

export interface ButtonProps extends Omit<AriaButtonProps, 'children' | 'className'>, Look {
  readonly children: ReactNode
}

/** Does something. While `isPending` it turns and cannot be pressed again. */
export function Button({ variant = 'secondary', size = 'medium', icon, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className="button" data-variant={variant} data-size={size}>
      {props.isPending === true ? <span className="spinner" aria-hidden="true" /> : icon}
      {children}
    </AriaButton>
  )
}

export interface LinkButtonProps extends Omit<AriaLinkProps, 'children' | 'className'>, Look {
  readonly children: ReactNode
}

/** Leads somewhere, and looks like a button. */
export function LinkButton({
  variant = 'secondary',
  size = 'medium',
  icon,
  children,
  ...props
}: LinkButtonProps) {
  return (
    <AriaLink {...props} className="button" data-variant={variant} data-size={size}>
      {icon}
      {children}
    </AriaLink>
  )
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'children' | 'className'> {
  /** What it does, for those who do not know the icon. */
  readonly label: string
  readonly icon: ReactNode
  readonly variant?: Look['variant']
  readonly size?: 'small' | 'medium'
}

/** A button with an icon alone; its label is read out, and shown when it is pointed at. */
export function IconButton({ label, icon, variant = 'quiet', size = 'medium', ...props }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <AriaButton
        {...props}
        aria-label={label}
        className="button"
        data-variant={variant}
        data-size={size}
        data-icon-only=""
      >
        {icon}
      </AriaButton>
    </Tooltip>
  )
}
