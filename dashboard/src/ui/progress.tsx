import { Label } from 'react-aria-components/Label'
import { Meter as AriaMeter } from 'react-aria-components/Meter'
import { ProgressBar } from 'react-aria-components/ProgressBar'

export interface ProgressProps {
  readonly label: string
  /** Undefined while nobody knows how much there is. */
  readonly value: number | undefined
  readonly max?: number
  /** Instead of the percentage, such as `12 of 340`. */
  readonly valueText?: string
}

/** How far long work has come. */
export function Progress({ label, value, max = 100, valueText }: ProgressProps) {
  return (
    <ProgressBar
      className="progress"
      maxValue={max}
      value={value ?? 0}
      isIndeterminate={value === undefined}
      {...(valueText !== undefined && { valueLabel: valueText })}
    >
      {({ percentage, valueText: text }) => (
        <>
          <span className="progress-line">
            <Label>{label}</Label>
            <span className="number soft">{text}</span>
          </span>
          <div className="progress-track">
            <div className="progress-bar" style={{ width: `${percentage ?? 100}%` }} />
          </div>
        </>
      )}
    </ProgressBar>
  )
}

export interface MeterProps {
  readonly label: string
  readonly value: number
  readonly max: number
  readonly valueText: string
}

/** How much of an allowance is used: from 80 % on a warning, from all of it on a problem. */
export function Meter({ label, value, max, valueText }: MeterProps) {
  const share = max === 0 ? 1 : value / max
  const tone = share >= 1 ? 'bad' : share >= 0.8 ? 'warn' : 'accent'
  return (
    <AriaMeter
      className="progress"
      data-tone={tone}
      value={value}
      maxValue={Math.max(max, 1)}
      valueLabel={valueText}
    >
      <span className="progress-line">
        <Label>{label}</Label>
        <span className="number soft">{valueText}</span>
      </span>
      <div className="progress-track">
        <div className="progress-bar" style={{ width: `${Math.min(share, 1) * 100}%` }} />
      </div>
    </AriaMeter>
  )
}
