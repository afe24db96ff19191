import type { Link } from '#dash/api/links.ts'
import { confirm } from '#dash/ui/confirm.tsx'
import { plainUrl } from './link-text.ts'

/** Ask whether a link is to go, saying what is lost with it. */
export function confirmDeletion(link: Link): Promise<boolean> {
  return confirm({
    title: 'Delete this link?',
    text: `${plainUrl(link.short_url)} stops working at once, wherever it is printed or posted, and its clicks are erased. This cannot be undone.`,
    action: 'Delete link',
  })
}
