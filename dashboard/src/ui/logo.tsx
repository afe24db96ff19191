/** The mark: from one point to another in one hop. */
export function Mark({ size = 26 }: { readonly size?: number }) {
  return (
    <svg className="mark" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect width="32" height="32" rx="9" className="mark-ground" />
      <path d="M7.5 22C7.5 6.5 24.5 6.5 24.5 22" className="mark-hop" />
      <circle cx="7.5" cy="22" r="3" className="mark-from" />
      <circle cx="24.5" cy="22" r="3" className="mark-to" />
    </svg>
  )
}

/** The mark with the name. */
export function Logo() {
  return (
    <span className="logo">
      <Mark />
      Onehop
    </span>
  )
}
