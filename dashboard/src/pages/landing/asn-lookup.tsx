import { useMutation } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import { type FormEvent, useId, useRef } from 'react'
import { type PublicAs, lookUpPublicly } from '#dash/api/public-lookup.ts'
import { Button } from '#dash/ui/button.tsx'
import { FormError } from '#dash/ui/form.tsx'
import { countryName, formatCount, plural } from '#dash/ui/format.tsx'
import { Skeleton } from '#dash/ui/states.tsx'

const SHOWN_NEIGHBOURS = 6

/** Lets a guest look up an autonomous system. */
export function AsnLookup({ lookupsPerDay }: { readonly lookupsPerDay: number | undefined }) {
  const field = useRef<HTMLInputElement>(null)
  const id = useId()
  const lookup = useMutation({
    mutationFn: (text: string) => {
      const asn = /^\s*(?:as)?\s*(\d{1,10})\s*$/i.exec(text)?.[1]
      if (asn === undefined) throw new Error('Type the number of an autonomous system, such as AS15169.')
      return lookUpPublicly(Number(asn))
    },
  })

  const submit = (event: FormEvent) => {
    event.preventDefault()
    lookup.mutate(field.current?.value ?? '')
  }
  return (
    <section className="asn-lookup">
      <div className="asn-lookup-ask">
        <h2>Look up a network</h2>
        <p className="soft" id={`${id}-hint`}>
          Every network on the internet has a number. Type one to see who holds it and whom it is connected to
          {lookupsPerDay !== undefined && `; ${plural(lookupsPerDay, 'lookup')} a day without an account`}.
        </p>
        <form onSubmit={submit} className="asn-lookup-form">
          <label htmlFor={id} className="visually-hidden">
            Number of an autonomous system
          </label>
          <div className="input-group">
            <Search size={17} aria-hidden="true" />
            <input
              id={id}
              ref={field}
              placeholder="AS15169"
              autoComplete="off"
              spellCheck={false}
              aria-describedby={`${id}-hint`}
            />
          </div>
          <Button type="submit" variant="primary" isPending={lookup.isPending}>
            Look up
          </Button>
        </form>
        <p className="asn-examples">
          {[15169, 13335, 3320].map((asn) => (
            <button
              key={asn}
              type="button"
              onClick={() => {
                if (field.current) field.current.value = `AS${asn}`
                lookup.mutate(String(asn))
              }}
            >
              AS{asn}
            </button>
          ))}
        </p>
      </div>
      <div className="asn-lookup-answer" aria-live="polite">
        {lookup.isPending ? (
          <div className="stack">
            <Skeleton width="60%" height="26px" />
            <Skeleton width="90%" />
            <Skeleton width="75%" />
          </div>
        ) : lookup.error !== null ? (
          <FormError error={lookup.error} />
        ) : lookup.data !== undefined ? (
          <Answer as={lookup.data} />
        ) : (
          <p className="faint">The answer appears here.</p>
        )}
      </div>
    </section>
  )
}

function Answer({ as }: { readonly as: PublicAs }) {
  return (
    <div className="stack">
      <div>
        <p className="mono small faint">
          AS{as.asn} {as.name}
        </p>
        <h3 className="asn-holder">{as.description || as.name || 'Nobody says who holds it'}</h3>
        {as.country !== null && <p className="soft">{countryName(as.country)}</p>}
      </div>
      {as.neighbours === null ? (
        <p className="soft small">
          Whom it is connected to is not known here: the operator of this server has not loaded the
          relationships of networks.
        </p>
      ) : (
        <dl className="asn-neighbours">
          {as.neighbours.map(({ kind, systems }) => (
            <div key={kind}>
              <dt>
                {kind} <strong>{systems === null ? 'not loaded' : formatCount(systems.length)}</strong>
              </dt>
              <dd className="tag-list">
                {systems?.slice(0, SHOWN_NEIGHBOURS).map((system) => (
                  <span key={system.asn} className="tag" title={`AS${system.asn}`}>
                    {system.description || system.name || `AS${system.asn}`}
                  </span>
                ))}
                {systems !== null && systems.length > SHOWN_NEIGHBOURS && (
                  <span className="small faint">
                    and {formatCount(systems.length - SHOWN_NEIGHBOURS)} more
                  </span>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {as.lookupsLeft !== undefined && (
        <p className="faint small">{plural(as.lookupsLeft, 'lookup')} left today.</p>
      )}
    </div>
  )
}
