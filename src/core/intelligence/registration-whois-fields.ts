/** What stands between two blank lines of a WHOIS answer: values by the name of their field, in lower case. */
export type WhoisBlock = ReadonlyMap<string, readonly string[]>

/** A WHOIS answer is some hundred lines; one that is longer has nothing behind them that is looked for. */
const MAX_LINES = 2_000
const MAX_LINE_LENGTH = 500
const COMMENT = /^\s*(?:[%#;]|>>>|--|NOTICE:|TERMS OF USE:)/
/** `[Domain Name]  EXAMPLE.JP`, `g. [Organization]  Example`. */
const BRACKETED = /^\s*(?:[a-z]\. ?)?\[([^\]]{1,60})\]\s*(.*)$/i
const NAME = /^[a-z][a-z0-9 _/'()-]{0,60}$/i

/**
 * Read the fields of a WHOIS answer. A field is a name with its value on one line; or a heading alone on a line, whose
 * values are the lines further in below it. A field below a heading is known as `heading.name`. Comments are left out.
 */
export function readWhoisBlocks(text: string): readonly WhoisBlock[] {
  const blocks: WhoisBlock[] = []
  let block = new Map<string, string[]>()
  let heading: Heading | undefined

  const add = (name: string, value: string) => {
    const values = block.get(name)
    if (values === undefined) block.set(name, [value])
    else values.push(value)
  }
  const endBlock = () => {
    if (block.size > 0) blocks.push(block)
    block = new Map()
    heading = undefined
  }

  for (const line of text.split('\n', MAX_LINES)) {
    if (line.trim() === '') {
      endBlock()
      continue
    }
    if (line.length > MAX_LINE_LENGTH || COMMENT.test(line)) continue
    const bracketed = BRACKETED.exec(line)
    if (bracketed !== null) {
      const [, name = '', value = ''] = bracketed
      if (value !== '') add(name.toLowerCase(), value.trim())
      continue
    }
    const indent = line.length - line.trimStart().length
    const isInside = heading !== undefined && indent > heading.indent
    if (!isInside && heading !== undefined && indent < heading.indent) heading = undefined
    const { name, value } = fieldIn(line)
    if (name === undefined) {
      // A value below its heading, in the same column too where the heading is still empty.
      if (heading !== undefined && (isInside || (heading.hasColon && heading.isEmpty))) {
        add(heading.name, line.trim())
        heading.isEmpty = false
      } else heading = { name: line.trim().toLowerCase(), indent, isEmpty: true, hasColon: false }
    } else if (isInside && heading !== undefined) {
      heading.isEmpty = false
      if (value !== '') add(`${heading.name}.${name}`, value)
    } else if (value === '') heading = { name, indent, isEmpty: true, hasColon: true }
    else {
      add(name, value)
      // What follows further in belongs to it, as a list of name servers does.
      heading = { name, indent, isEmpty: false, hasColon: true }
    }
  }
  endBlock()
  return blocks
}

/** `Registrar: Example`, `created...........: 2020`; an address of the web and an IPv6 address have no name. */
function fieldIn(line: string): { readonly name: string | undefined; readonly value: string } {
  const colon = line.indexOf(':')
  const name = line
    .slice(0, Math.max(0, colon))
    .replace(/\.*[ \t]*$/, '')
    .trim()
  const rest = line.slice(colon + 1)
  const isName =
    NAME.test(name) && !rest.startsWith('//') && (rest === '' || /^\s/.test(rest) || !rest.includes(':'))
  return { name: isName ? name.toLowerCase() : undefined, value: rest.trim() }
}

interface Heading {
  readonly name: string
  readonly indent: number
  readonly hasColon: boolean
  isEmpty: boolean
}

/** The values of the first of those names that has any, in the first block that has it. */
export function valuesOf(blocks: readonly WhoisBlock[], names: readonly string[]): readonly string[] {
  for (const name of names)
    for (const block of blocks) {
      const values = block.get(name)
      if (values !== undefined) return values
    }
  return []
}

/** What the first value becomes that becomes something, in the order of the names, then of the blocks. */
export function firstOf<T>(
  blocks: readonly WhoisBlock[],
  names: readonly string[],
  read: (value: string) => T | undefined,
): T | undefined {
  for (const name of names)
    for (const block of blocks)
      for (const value of block.get(name) ?? []) {
        const found = read(value)
        if (found !== undefined) return found
      }
  return undefined
}
