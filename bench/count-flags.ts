import { parseArgs } from 'node:util'

/**
 * The flags of a bench that are whole numbers, by their usual values, and `--write`.
 *
 * @throws Error for any other flag, or a number below 1
 */
export function countFlags<Name extends string>(
  defaults: Readonly<Record<Name, number>>,
): { readonly settings: Readonly<Record<Name, number>>; readonly isWriting: boolean } {
  const names = Object.keys(defaults) as Name[]
  const counts = names.map((name) => [name, { type: 'string', default: String(defaults[name]) }] as const)
  const parsed = parseArgs({
    options: { ...Object.fromEntries(counts), write: { type: 'boolean', default: false } },
  })
  const values: Readonly<Record<string, unknown>> = parsed.values
  const settings = Object.fromEntries(names.map((name) => [name, Number(values[name])]))
  if (Object.values(settings).some((value) => !Number.isSafeInteger(value) || value < 1))
    throw new Error('the flags take whole numbers from 1')
  return { settings: settings as Record<Name, number>, isWriting: values['write'] === true }
}
