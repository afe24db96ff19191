import { isList, type Value } from './selection.ts'

export type MediaType = 'application/json' | 'application/xml' | 'text/xml;charset=UTF-8'

/** How an answer is written. */
export interface Format {
  readonly contentType: MediaType
  readonly write: (value: Value) => string
}

const JSON_FORMAT: Format = { contentType: 'application/json', write: (value) => JSON.stringify(value) }
const XML_FORMAT: Format = { contentType: 'application/xml', write: writeXml }
const TEXT_XML_FORMAT: Format = { contentType: 'text/xml;charset=UTF-8', write: writeXml }

/** What a client may accept, the first being what it gets when it does not mind. */
const BY_MEDIA_TYPE: readonly (readonly [mediaType: string, format: Format])[] = [
  ['application/json', JSON_FORMAT],
  ['application/xml', XML_FORMAT],
  ['text/xml', TEXT_XML_FORMAT],
]

/**
 * The format a client wants.
 *
 * Contract: `output` takes precedence over `Accept`; an `output` that is unknown is JSON.
 */
export function chooseFormat(output: string, accept: string): Format {
  switch (output.trim().toLowerCase()) {
    case '':
      return accept === '' || accept === '*/*' ? JSON_FORMAT : acceptedFormat(accept)
    case 'xml':
      return XML_FORMAT
    default:
      return JSON_FORMAT
  }
}

/** By RFC 9110 §12.5.1; JSON also for who accepts none of ours. */
function acceptedFormat(accept: string): Format {
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    return { type, quality: quality === undefined ? 1 : Number(quality) || 0 }
  })
  const qualityOf = (mediaType: string) => {
    const wildcard = `${mediaType.slice(0, mediaType.indexOf('/'))}/*`
    for (const wanted of [mediaType, wildcard, '*/*']) {
      const range = ranges.find(({ type }) => type === wanted)
      if (range !== undefined) return range.quality
    }
    return 0
  }
  let best = { format: JSON_FORMAT, quality: 0 }
  for (const [mediaType, format] of BY_MEDIA_TYPE) {
    const quality = qualityOf(mediaType)
    if (quality > best.quality) best = { format, quality }
  }
  return best.format
}

/** As the contract's server writes a map: `LinkedHashMap` around it, a list as one element for each item. */
function writeXml(value: Value): string {
  return element('LinkedHashMap', value)
}

function element(name: string, value: Value): string {
  if (typeof value === 'string') return `<${name}>${escapeXml(value)}</${name}>`
  if (isList(value)) return value.map((item) => element(name, item)).join('')
  const content = Object.entries(value)
    .map(([field, inner]) => element(field, inner))
    .join('')
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`
}

/** What XML 1.0 (§2.2) has no way to say becomes U+FFFD; a carriage return would be read as a line feed (§2.11). */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(UNSAYABLE, '\uFFFD')
    .replace(/[&<>\r]/g, (character) => ENTITIES[character] ?? '&#13;')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
// oxlint-disable-next-line no-control-regex -- it is about them
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g
