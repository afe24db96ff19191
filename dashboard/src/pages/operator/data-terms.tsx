import { ExternalLink, Scale } from 'lucide-react'
import { type DataTerms, useAcceptTerms } from '#dash/api/operator.ts'
import { Button } from '#dash/ui/button.tsx'
import { Dialog, DialogButton } from '#dash/ui/dialog.tsx'
import { FormError } from '#dash/ui/form.tsx'
import { plural, Time } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { toast } from '#dash/ui/toast.tsx'

/** Terms that stand between this server and data, and those that were accepted. */
export function TermsCard({ terms }: { readonly terms: readonly DataTerms[] }) {
  if (terms.length === 0) return null
  return (
    <Card title="Terms" text="Some data may be used only by whoever has accepted terms.">
      <ul className="plain-list">
        {terms.map((one) => (
          <li key={one.name}>
            <span className="with-icon">
              <Scale size={18} className="faint" aria-hidden="true" />
              <span className="two-lines">
                <span>
                  <code>{one.name}</code>, of {plural(one.sources.length, 'source')}
                </span>
                <span className="small soft">
                  {one.accepted_at === null ? (
                    'Not accepted: nothing of these is downloaded.'
                  ) : (
                    <>
                      Accepted <Time at={one.accepted_at} />
                    </>
                  )}
                </span>
              </span>
            </span>
            <DialogButton
              button={
                <Button size="small">{one.accepted_at === null ? 'Review terms' : 'Show terms'}</Button>
              }
              dialog={
                <Dialog title={`Terms ${one.name}`}>{(close) => <Terms terms={one} onDone={close} />}</Dialog>
              }
            />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Terms({ terms, onDone }: { readonly terms: DataTerms; readonly onDone: () => void }) {
  const accept = useAcceptTerms()
  const isOpen = terms.accepted_at === null
  return (
    <div className="stack">
      {accept.error !== null && <FormError error={accept.error} />}
      <p>{terms.text}</p>
      <p>
        <a href={terms.url} target="_blank" rel="noreferrer" className="with-icon">
          The terms in full <ExternalLink size={14} aria-hidden="true" />
        </a>
      </p>
      <div className="stack" data-gap="small">
        <h3>They are the terms of</h3>
        <ul className="tag-list">
          {terms.sources.map((source) => (
            <li key={source} className="tag">
              {source}
            </li>
          ))}
        </ul>
      </div>
      <div className="dialog-foot">
        <Button onPress={onDone}>{isOpen ? 'Cancel' : 'Close'}</Button>
        {isOpen && (
          <Button
            variant="primary"
            isPending={accept.isPending}
            onPress={() =>
              accept.mutate(terms.name, {
                onSuccess() {
                  toast('Terms accepted', 'The next update downloads what comes with them.')
                  onDone()
                },
              })
            }
          >
            Accept terms
          </Button>
        )}
      </div>
    </div>
  )
}
