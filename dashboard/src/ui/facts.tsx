import { Fragment, type ReactNode } from 'react'

/** A name, and what is known under it: nothing when it is empty. */
export type Fact = readonly [name: string, value: ReactNode]

/** Names and values, those left out that are not known. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) =>
        value === null || value === undefined || value === '' || value === false ? null : (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ),
      )}
    </dl>
  )
}
