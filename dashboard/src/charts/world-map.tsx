import { geoEqualEarth, geoPath } from 'd3-geo'
import codes from 'i18n-iso-countries/codes.json'
import { useMemo, useState } from 'react'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import atlas from 'world-atlas/countries-110m.json'
import { countryName, plural } from '#dash/ui/format.tsx'

export interface WorldMapProps {
  /** What is counted, such as `click`. */
  readonly noun: string
  /** By ISO 3166 alpha-2. */
  readonly values: ReadonlyMap<string, number>
  readonly onPick?: (country: string) => void
  readonly picked?: string | undefined
}

const WIDTH = 800
const HEIGHT = 390
/** Antarctica: nobody clicks there, and it would take a quarter of the height. */
const LEFT_OUT = '010'

/** Countries by what is counted there, the deeper the more. The same figures stand beside it as a list. */
export function WorldMap({ noun, values, onPick, picked }: WorldMapProps) {
  const shapes = useMemo(countryShapes, [])
  const [pointed, setPointed] = useState<string>()
  const max = Math.max(1, ...values.values())
  const pointedValue = pointed === undefined ? undefined : (values.get(pointed) ?? 0)
  return (
    <figure className="world-map">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${noun}s by country, on a map`}>
        {shapes.map(({ country, path }) => {
          const value = values.get(country) ?? 0
          // Small numbers differ more than large ones.
          const share = value === 0 ? 0 : 8 + 92 * Math.sqrt(value / max)
          return (
            <path
              key={`${country}${path.length}`}
              d={path}
              className="world-country"
              data-picked={picked === country ? '' : undefined}
              data-none={value === 0 ? '' : undefined}
              style={
                value === 0
                  ? {}
                  : { fill: `color-mix(in oklab, var(--accent) ${share.toFixed(0)}%, var(--map-few))` }
              }
              onPointerEnter={() => setPointed(country)}
              onPointerLeave={() => setPointed(undefined)}
              {...(onPick && value > 0 && { onClick: () => onPick(country) })}
            />
          )
        })}
      </svg>
      <figcaption className="world-caption">
        {pointed !== undefined && pointedValue !== undefined ? (
          <>
            <strong>{countryName(pointed)}</strong> {plural(pointedValue, noun)}
          </>
        ) : (
          'The deeper the colour, the more.'
        )}
      </figcaption>
    </figure>
  )
}

function countryShapes(): { readonly country: string; readonly path: string }[] {
  const alpha2 = new Map(codes.map(([two = '', , numeric = '']) => [numeric, two]))
  // The file of the package, whose types are those of any JSON.
  const topology = atlas as unknown as Topology<{ readonly countries: GeometryCollection }>
  const world = feature(topology, topology.objects.countries)
  const shown = { ...world, features: world.features.filter(({ id }) => id !== LEFT_OUT) }
  const path = geoPath(geoEqualEarth().fitSize([WIDTH, HEIGHT], shown)).digits(1)
  return shown.features.map((country) => ({
    country: alpha2.get(String(country.id)) ?? '',
    path: path(country) ?? '',
  }))
}
