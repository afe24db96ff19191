import { Fragment, type ReactNode } from 'react'

/** A name, and what is known under it: nothing when it is empty. */
export type Fact = readonly [name: string, value: ReactNode]

/** Names and values, those left out that are not known. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  const known = facts.filter(
    ([, value]) => value !== null && value !== undefined && value !== '' && value !== false,
  )
  if (known.length === 0) return null
  return (
    <dl className="facts">
      {known.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  )
}
