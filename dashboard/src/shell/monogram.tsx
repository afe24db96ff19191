export interface MonogramProps {
  readonly name: string
  readonly size?: 'small' | 'medium'
  readonly isRound?: boolean
}

/** Two letters of a name, in place of a picture, on a ground that is always the same for it. */
export function Monogram({ name, size = 'medium', isRound = false }: MonogramProps) {
  const words = name.split(/[\s@._-]+/).filter((word) => word !== '')
  const letters = [words[0], words[1]].map((word) => Array.from(word ?? '')[0] ?? '').join('')
  let hue = 0
  for (const character of name) hue = (hue * 31 + (character.codePointAt(0) ?? 0)) % 6
  return (
    <span
      className="monogram"
      data-hue={hue}
      data-size={size}
      data-round={isRound ? '' : undefined}
      aria-hidden="true"
    >
      {letters.toUpperCase() || '·'}
    </span>
  )
}
