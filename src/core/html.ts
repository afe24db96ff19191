/** HTML that was put together with its values escaped. */
export interface Html {
  readonly html: string
}

/** Put HTML together; values are escaped unless they are {@link Html} themselves. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  return {
    html: parts.reduce((text, part, index) => {
      const value = values[index - 1] ?? ''
      return text + (typeof value === 'string' ? escapeHtml(value) : value.html) + part
    }),
  }
}

/** Text as it stands in HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
