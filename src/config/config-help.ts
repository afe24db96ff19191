import { type Variable, VARIABLES } from './variables.ts'

/** Names stand in a column of this width. */
const NAME_WIDTH = 2 + Math.max(...VARIABLES.map(({ name }) => name.length))

/** The table of variables for a terminal. */
export function configHelpText(): string {
  return VARIABLES.map((variable: Variable) => {
    const indent = ' '.repeat(NAME_WIDTH + 2)
    const unset = variable.default ?? variable.whenUnset ?? ''
    const lines = [
      `  ${variable.name.padEnd(NAME_WIDTH)}${variable.meaning}`,
      `${indent}${variable.format}`,
      `${indent}default: ${unset}`,
    ]
    if (variable.isSecret) lines.push(`${indent}${variable.name}_FILE names a file to read it from instead`)
    return lines.join('\n')
  }).join('\n')
}

/** The table of variables for a Markdown page. */
export function configHelpMarkdown(): string {
  const rows = VARIABLES.map((variable: Variable) => {
    const unset = variable.default === undefined ? (variable.whenUnset ?? '') : `\`${variable.default}\``
    const fromFile = variable.isSecret
      ? ` \`${variable.name}_FILE\` names a file to read it from instead.`
      : ''
    return `| \`${variable.name}\` | ${unset} | ${variable.format} | ${variable.meaning}${fromFile} |`
  })
  return ['| variable | default | written as | meaning |', '|---|---|---|---|', ...rows, ''].join('\n')
}
