import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Download, ImageUp, Trash2, TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import { send } from '#dash/api/client.ts'
import { type Link, type QrStyle, qrImageUrl, qrQuery, useQrChanges } from '#dash/api/links.ts'
import { useCanWrite } from '#dash/api/session.ts'
import { Button, LinkButton } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { type Choice, Select, TextField } from '#dash/ui/fields.tsx'
import { FormError } from '#dash/ui/form.tsx'
import { plural } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { Loaded, Skeleton } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { useLater } from '#dash/ui/use-later.ts'

const DEFAULT_STYLE: QrStyle = {
  color: '#000000',
  background: '#ffffff',
  size_px: 600,
  format: 'png',
  error_correction: 'M',
}
const MAX_LOGO_BYTES = 256 * 1024

const PALETTES: readonly { readonly name: string; readonly color: string; readonly background: string }[] = [
  { name: 'Black on white', color: '#000000', background: '#ffffff' },
  { name: 'Pine on white', color: '#0c5a50', background: '#ffffff' },
  { name: 'Ink on cream', color: '#1c2333', background: '#fdf6e3' },
  { name: 'Plum on white', color: '#6b1f5b', background: '#ffffff' },
  { name: 'Navy on sky', color: '#0b2a5b', background: '#e6f1fb' },
  { name: 'Brick on sand', color: '#8a2b12', background: '#f7efe4' },
]

const CORRECTIONS: readonly Choice<QrStyle['error_correction']>[] = [
  { id: 'L', label: 'Low (7 %)', hint: 'The coarsest pattern; for screens' },
  { id: 'M', label: 'Medium (15 %)', hint: 'For most things' },
  { id: 'Q', label: 'Good (25 %)', hint: 'For print outdoors' },
  { id: 'H', label: 'High (30 %)', hint: 'With a logo, or where it gets scratched' },
]

/** How a link's QR code looks, shown as it will be. */
export function QrDesigner({ link }: { readonly link: Link }) {
  const qr = useQuery(qrQuery(link))
  if (!link.has_qr_code)
    return <Designer link={link} saved={undefined} hasLogo={false} scans={0} warnings={[]} />
  return (
    <Loaded query={qr} skeleton={<Skeleton height="420px" />}>
      {({ has_logo, scans, warnings, color, background, size_px, format, error_correction }) => (
        <Designer
          link={link}
          saved={{ color, background, size_px, format, error_correction }}
          hasLogo={has_logo}
          scans={scans}
          warnings={warnings}
        />
      )}
    </Loaded>
  )
}

interface DesignerProps {
  readonly link: Link
  readonly saved: QrStyle | undefined
  readonly hasLogo: boolean
  readonly scans: number
  /** Why scanners may fail to read what is saved. */
  readonly warnings: readonly string[]
}

function Designer({ link, saved, hasLogo, scans, warnings }: DesignerProps) {
  const [style, setStyle] = useState<QrStyle>(saved ?? DEFAULT_STYLE)
  const { save, remove } = useQrChanges(link.id)
  const canWrite = useCanWrite()
  const isChanged = saved === undefined || JSON.stringify(saved) !== JSON.stringify(style)
  const change = (changes: Partial<QrStyle>) => setStyle((before) => ({ ...before, ...changes }))

  const askAndRemove = async () => {
    const isSure = await confirm({
      title: 'Delete this QR code?',
      text: 'Codes that are printed go on working as long as the link does; how this one looks is forgotten.',
      action: 'Delete QR code',
    })
    if (isSure)
      remove.mutate(undefined, {
        onSuccess: () => toast('QR code deleted'),
        onError: (error) => toastError('The QR code could not be deleted', error),
      })
  }
  return (
    <div className="qr-designer">
      <Card
        title="Preview"
        actions={saved !== undefined && <span className="small soft">{plural(scans, 'scan')}</span>}
      >
        <Preview link={link} style={style} version={`${saved !== undefined} ${hasLogo}`} />
        {warnings.map((warning) => (
          <div key={warning} className="notice" data-tone="warn">
            <TriangleAlert size={16} aria-hidden="true" />
            {warning}
          </div>
        ))}
        {saved === undefined ? (
          <p className="small soft qr-note">
            This is a sample. Create the QR code to get the one of this link.
          </p>
        ) : (
          <div className="button-row qr-downloads">
            {(['png', 'svg'] as const).map((format) => (
              <LinkButton
                key={format}
                size="small"
                icon={<Download size={15} />}
                href={qrImageUrl(link.id, { ...style, format })}
                download={`${link.slug}.${format}`}
              >
                Download {format.toUpperCase()}
              </LinkButton>
            ))}
          </div>
        )}
      </Card>
      <Card title="Look">
        <div className="form">
          <div className="field">
            <span className="field-label">Palettes</span>
            <div className="qr-palettes">
              {PALETTES.map(({ name, color, background }) => (
                <button
                  key={name}
                  type="button"
                  className="qr-palette"
                  aria-label={name}
                  title={name}
                  aria-pressed={style.color === color && style.background === background}
                  style={{ background, color }}
                  onClick={() => change({ color, background })}
                />
              ))}
            </div>
          </div>
          <div className="form-columns">
            <ColorField label="Pattern" value={style.color} onChange={(color) => change({ color })} />
            <ColorField
              label="Background"
              value={style.background}
              onChange={(background) => change({ background })}
            />
          </div>
          <div className="form-columns">
            <Select
              label="Damage it survives"
              choices={CORRECTIONS}
              value={style.error_correction}
              onChange={(error_correction) => change({ error_correction })}
            />
            <Select
              label="Size"
              choices={sizesWith(saved?.size_px).map((size) => ({
                id: String(size),
                label: `${size} × ${size} px`,
              }))}
              value={String(style.size_px)}
              onChange={(size) => change({ size_px: Number(size) })}
            />
          </div>
          {canWrite && <Logo link={link} hasLogo={hasLogo} isSaved={saved !== undefined} />}
          {canWrite && (
            <div className="button-row">
              <Button
                variant="primary"
                isDisabled={!isChanged}
                isPending={save.isPending}
                onPress={() =>
                  save.mutate(style, {
                    onSuccess: () => toast(saved === undefined ? 'QR code created' : 'QR code saved'),
                    onError: (error) => toastError('The QR code could not be saved', error),
                  })
                }
              >
                {saved === undefined ? 'Create QR code' : 'Save QR code'}
              </Button>
              {saved !== undefined && (
                <Button variant="danger-quiet" onPress={() => void askAndRemove()}>
                  Delete
                </Button>
              )}
            </div>
          )}
        </div>
      </Card>
    </div>
  )
}

interface PreviewProps {
  readonly link: Link
  readonly style: QrStyle
  /** What else the image depends on. */
  readonly version: string
}

function Preview({ link, style, version }: PreviewProps) {
  const shown = useLater(style, 120)
  const image = useQuery({
    queryKey: ['links', 'qr-image', link.id, shown, version],
    queryFn: async ({ signal }) => {
      const query = { ...shown, format: 'svg' }
      const response = await send('GET', `/links/${link.id}/qr/image`, { query, signal })
      return response.blob()
    },
    placeholderData: keepPreviousData,
    retry: false,
  })
  const url = useObjectUrl(image.data)
  return (
    <div className="stack">
      <div className="qr-preview" data-stale={image.error === null ? undefined : ''}>
        {url === undefined ? (
          <Skeleton width="260px" height="260px" />
        ) : (
          <img
            src={url}
            alt={link.has_qr_code ? `QR code of ${link.short_url}` : 'A QR code in this style'}
            width="260"
            height="260"
          />
        )}
      </div>
      {image.error !== null && <FormError error={image.error} />}
    </div>
  )
}

function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    if (blob === undefined) return
    const made = URL.createObjectURL(blob)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  return url
}

interface ColorFieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (color: string) => void
}

function ColorField({ label, value, onChange }: ColorFieldProps) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const take = (given: string) => {
    setText(given)
    if (/^#[\da-f]{6}$/i.test(given)) onChange(given.toLowerCase())
  }
  return (
    <div className="color-field">
      <input
        type="color"
        value={value}
        aria-label={`${label}, from a picker`}
        onChange={(event) => take(event.target.value)}
      />
      <TextField label={label} value={text} onChange={take} isRequired maxLength={7} />
    </div>
  )
}

interface LogoProps {
  readonly link: Link
  readonly hasLogo: boolean
  readonly isSaved: boolean
}

function Logo({ link, hasLogo, isSaved }: LogoProps) {
  const { saveLogo, removeLogo } = useQrChanges(link.id)
  const take = (file: File | undefined) => {
    if (file === undefined) return
    if (file.type !== 'image/png' || file.size > MAX_LOGO_BYTES) {
      toastError('This cannot be a logo', new Error('It must be a PNG file of at most 256 KB.'))
      return
    }
    saveLogo.mutate(file, {
      onSuccess: () => toast('Logo saved'),
      onError: (error) => toastError('The logo could not be saved', error),
    })
  }
  return (
    <div className="field">
      <span className="field-label">Logo</span>
      <div className="button-row">
        <FileTrigger acceptedFileTypes={['image/png']} onSelect={(files) => take(files?.[0])}>
          <Button
            size="small"
            icon={<ImageUp size={15} />}
            isDisabled={!isSaved}
            isPending={saveLogo.isPending}
          >
            {hasLogo ? 'Another logo' : 'Add a logo'}
          </Button>
        </FileTrigger>
        {hasLogo && (
          <Button
            size="small"
            variant="quiet"
            icon={<Trash2 size={15} />}
            onPress={() =>
              removeLogo.mutate(undefined, {
                onSuccess: () => toast('Logo removed'),
                onError: (error) => toastError('The logo could not be removed', error),
              })
            }
          >
            Remove
          </Button>
        )}
      </div>
      <span className="field-hint">
        {isSaved ? 'A PNG of at most 256 KB; high damage correction suits it.' : 'Create the QR code first.'}
      </span>
    </div>
  )
}

const SIZES_PX = [200, 300, 600, 1000]

/** The usual sizes, and the one that a code has. */
function sizesWith(saved: number | undefined): readonly number[] {
  return saved === undefined || SIZES_PX.includes(saved)
    ? SIZES_PX
    : [...SIZES_PX, saved].toSorted((a, b) => a - b)
}
