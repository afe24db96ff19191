import { Monitor, Moon, Sun } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { Segments } from './segments.tsx'

export type Theme = 'system' | 'light' | 'dark'

const YEAR_S = 365 * 24 * 3600
const listeners = new Set<() => void>()

/** The colours chosen; the server writes them into the document, so that the first paint has them. */
export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, currentTheme)
}

/** Choose the colours, in this browser. */
export function setTheme(theme: Theme): void {
  const attributes = 'Path=/; SameSite=Lax'
  document.cookie =
    theme === 'system'
      ? `onehop_theme=; ${attributes}; Max-Age=0`
      : `onehop_theme=${theme}; ${attributes}; Max-Age=${YEAR_S}`
  document.documentElement.dataset['theme'] = theme
  for (const listener of listeners) listener()
}

function currentTheme(): Theme {
  const { theme } = document.documentElement.dataset
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

/** The choice itself. */
export function ThemeChoice() {
  return (
    <Segments
      label="Colours"
      value={useTheme()}
      onChange={setTheme}
      segments={[
        { id: 'system', label: <ThemeLabel icon={<Monitor size={14} />} text="System" /> },
        { id: 'light', label: <ThemeLabel icon={<Sun size={14} />} text="Light" /> },
        { id: 'dark', label: <ThemeLabel icon={<Moon size={14} />} text="Dark" /> },
      ]}
    />
  )
}

function ThemeLabel({ icon, text }: { readonly icon: React.ReactNode; readonly text: string }) {
  return (
    <>
      {icon}
      {text}
    </>
  )
}
