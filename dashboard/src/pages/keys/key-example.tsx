import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { KeyDialect } from '#dash/api/keys.ts'
import { instanceQuery } from '#dash/api/session.ts'
import { CodeBlock } from '#dash/ui/copy.tsx'
import { Select } from '#dash/ui/fields.tsx'
import { DIALECTS } from './dialects.ts'

export interface KeyExampleProps {
  readonly secret: string
  /** The one shown first. */
  readonly dialect: KeyDialect
}

/** A first request with a key, in the API of choice: any key opens every one of them. */
export function KeyExample({ secret, dialect }: KeyExampleProps) {
  const [shown, setShown] = useState(dialect)
  const instance = useQuery(instanceQuery)
  const info = DIALECTS.find(({ id }) => id === shown)
  return (
    <div className="stack" data-gap="small">
      <Select
        label="Example for the API of"
        choices={DIALECTS.map(({ id, label, hint }) => ({ id, label, hint }))}
        value={shown}
        onChange={setShown}
      />
      <CodeBlock
        what="example"
        text={info?.example(instance.data?.base_url ?? location.origin, secret) ?? ''}
      />
    </div>
  )
}
