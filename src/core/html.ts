/** HTML that was put together with its values escaped. */
export interface Html {
  readonly html: string
}

/** Put HTML together; values are escaped unless they are {@link Html} themselves, or lists of it. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | Html | readonly Html[])[]
): Html {
  return { html: parts.reduce((text, part, index) => text + toHtml(values[index - 1] ?? '') + part) }
}

function toHtml(value: string | Html | readonly Html[]): string {
  if (typeof value === 'string') return escapeHtml(value)
  return 'html' in value ? value.html : value.map((item) => item.html).join('')
}

/** Text as it stands in HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
