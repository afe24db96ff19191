import { FileSpreadsheet } from 'lucide-react'
import { useRef, useState } from 'react'
import { DropZone } from 'react-aria-components/DropZone'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import { type BulkResult, type BulkRow, runBulk, useLinkChanges } from '#dash/api/links.ts'
import { Button } from '#dash/ui/button.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { FormError } from '#dash/ui/form.tsx'
import { formatCount, plural } from '#dash/ui/format.tsx'
import { Progress } from '#dash/ui/progress.tsx'
import { toast } from '#dash/ui/toast.tsx'

export interface ImportDialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

type Step =
  | { readonly kind: 'choose'; readonly error?: unknown }
  | { readonly kind: 'look'; readonly file: string; readonly rows: readonly BulkRow[] }
  | { readonly kind: 'run'; readonly total: number; readonly done: number; readonly refused: number }
  | {
      readonly kind: 'done'
      readonly results: readonly BulkResult[]
      readonly rows: readonly BulkRow[]
      readonly error?: unknown
    }

const SHOWN_REFUSALS = 100
const SHOWN_ROWS = 5

/** Makes links of the lines of a CSV file: choose, look, run, and what became of each. */
export function ImportDialog({ isOpen, onClose }: ImportDialogProps) {
  const [step, setStep] = useState<Step>({ kind: 'choose' })
  const stopping = useRef<AbortController>(undefined)
  const { refresh } = useLinkChanges()

  const read = async (file: File | undefined) => {
    if (file === undefined) return
    try {
      const { readLinksCsv } = await import('./read-links-csv.ts')
      setStep({ kind: 'look', file: file.name, rows: await readLinksCsv(file) })
    } catch (error) {
      setStep({ kind: 'choose', error })
    }
  }
  const run = async (rows: readonly BulkRow[]) => {
    const results: BulkResult[] = []
    const controller = new AbortController()
    stopping.current = controller
    const tell = () =>
      setStep({
        kind: 'run',
        total: rows.length,
        done: results.length,
        refused: results.filter(({ error }) => error !== undefined).length,
      })
    tell()
    let error: unknown
    try {
      await runBulk(rows, {
        signal: controller.signal,
        onResult(result) {
          results.push(result)
          if (results.length % 10 === 0) tell()
        },
      })
    } catch (problem) {
      error = controller.signal.aborted ? new Error('Stopped; the lines before it are imported.') : problem
    }
    const made = results.filter(({ link }) => link !== undefined).length
    if (made > 0) toast(`${plural(made, 'link')} imported`)
    setStep({ kind: 'done', results, rows, error })
    await refresh()
  }
  const close = () => {
    stopping.current?.abort()
    setStep({ kind: 'choose' })
    onClose()
  }
  return (
    <Dialog
      title="Import links"
      size="large"
      isOpen={isOpen}
      isKept={step.kind === 'run'}
      onOpenChange={(open) => {
        if (!open) close()
      }}
    >
      {step.kind === 'choose' && <Choose error={step.error} onFile={(file) => void read(file)} />}
      {step.kind === 'look' && (
        <Look
          file={step.file}
          rows={step.rows}
          onBack={() => setStep({ kind: 'choose' })}
          onRun={() => void run(step.rows)}
        />
      )}
      {step.kind === 'run' && (
        <div className="stack">
          <Progress
            label={
              step.refused === 0 ? 'Importing' : `Importing; ${formatCount(step.refused)} refused so far`
            }
            value={step.done}
            max={step.total}
            valueText={`${formatCount(step.done)} of ${formatCount(step.total)}`}
          />
          <div className="dialog-foot">
            <Button onPress={() => stopping.current?.abort()}>Stop</Button>
          </div>
        </div>
      )}
      {step.kind === 'done' && <Done {...step} onClose={close} />}
    </Dialog>
  )
}

function Choose({ error, onFile }: { readonly error?: unknown; readonly onFile: (file?: File) => void }) {
  return (
    <div className="stack">
      <p className="soft">
        A CSV file with a header line. A column named <code>target</code>, <code>url</code> or{' '}
        <code>long_url</code> is needed; <code>slug</code>, <code>title</code>, <code>description</code>,{' '}
        <code>tags</code> and <code>expires_at</code> are taken where they are there.
      </p>
      <DropZone
        className="drop-zone"
        onDrop={(event) => {
          const item = event.items.find((dropped) => dropped.kind === 'file')
          if (item?.kind === 'file') void item.getFile().then(onFile)
        }}
      >
        <FileSpreadsheet size={28} aria-hidden="true" className="faint" />
        <p>Drop a file here, or</p>
        <FileTrigger
          acceptedFileTypes={['.csv', 'text/csv', '.tsv', 'text/plain']}
          onSelect={(files) => onFile(files?.[0])}
        >
          <Button>Choose a file</Button>
        </FileTrigger>
      </DropZone>
      {error !== undefined && <FormError error={error} />}
    </div>
  )
}

interface LookProps {
  readonly file: string
  readonly rows: readonly BulkRow[]
  readonly onBack: () => void
  readonly onRun: () => void
}

function Look({ file, rows, onBack, onRun }: LookProps) {
  return (
    <div className="stack">
      <p>
        <strong>{file}</strong> has {plural(rows.length, 'link')}.
      </p>
      <div className="table-frame">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Leads to</th>
              <th scope="col">Short path</th>
              <th scope="col">Tags</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN_ROWS).map((row, index) => (
              <tr key={index}>
                <td className="import-target">{row.target}</td>
                <td>{row.slug ?? <span className="faint">drawn</span>}</td>
                <td>{row.tags?.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length > SHOWN_ROWS && (
          <div className="table-foot">and {formatCount(rows.length - SHOWN_ROWS)} more</div>
        )}
      </div>
      <div className="dialog-foot">
        <Button onPress={onBack}>Back</Button>
        <Button variant="primary" onPress={onRun} autoFocus>
          Import {plural(rows.length, 'link')}
        </Button>
      </div>
    </div>
  )
}

interface DoneProps {
  readonly results: readonly BulkResult[]
  readonly rows: readonly BulkRow[]
  readonly error?: unknown
  readonly onClose: () => void
}

function Done({ results, rows, error, onClose }: DoneProps) {
  const refused = results.filter((result) => result.error !== undefined)
  const made = results.length - refused.length
  return (
    <div className="stack">
      {error !== undefined && <FormError error={error} />}
      <p>
        {plural(made, 'link')} imported
        {refused.length > 0 && `, ${plural(refused.length, 'line')} refused`}.
      </p>
      {refused.length > 0 && (
        <div className="table-frame import-refused">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Line</th>
                <th scope="col">Leads to</th>
                <th scope="col">Why not</th>
              </tr>
            </thead>
            <tbody>
              {refused.slice(0, SHOWN_REFUSALS).map((result) => (
                <tr key={result.row}>
                  <td>{result.row + 1}</td>
                  <td className="import-target">{rows[result.row - 1]?.target}</td>
                  <td className="import-reason">{result.error?.detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="dialog-foot">
        <Button variant="primary" onPress={onClose}>
          Done
        </Button>
      </div>
    </div>
  )
}
