import { CornerDownLeft, Link2, Plus, Radar, Search } from 'lucide-react'
import { useState } from 'react'
import { Autocomplete } from 'react-aria-components/Autocomplete'
import { Dialog } from 'react-aria-components/Dialog'
import { Input } from 'react-aria-components/Input'
import { Menu, MenuItem } from 'react-aria-components/Menu'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { TextField } from 'react-aria-components/TextField'
import type { Account } from '#dash/api/session.ts'
import { placesFor } from './navigation.ts'

export interface PaletteProps {
  readonly account: Account
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

interface Entry {
  readonly id: string
  readonly name: string
  readonly href: string
  readonly icon: typeof Plus
  readonly words?: string
}

const LIKE_URL = /^(?:https?:\/\/\S+|[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?)$/i
const LIKE_NETWORK = /^(?:as)?\d{1,10}$|^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d+)?$|^[\da-f]*:[\da-f:]+(?:\/\d+)?$/i

/** Goes anywhere and begins anything, from the keyboard: a place's name, a URL to shorten, an address to look up. */
export function Palette({ account, isOpen, onOpenChange }: PaletteProps) {
  return (
    <ModalOverlay
      className="scrim"
      data-place="top"
      isDismissable
      isOpen={isOpen}
      onOpenChange={onOpenChange}
    >
      <Modal className="modal palette">
        <Dialog className="dialog" aria-label="Search or create">
          <PaletteSearch account={account} onDone={() => onOpenChange(false)} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

function PaletteSearch({ account, onDone }: { readonly account: Account; readonly onDone: () => void }) {
  const [text, setText] = useState('')
  const typed = text.trim()
  const words = typed.toLowerCase().split(/\s+/)
  const found = [...typedEntries(typed), ...places(account)].filter(
    ({ id, name, words: more = '' }) =>
      id.startsWith('typed-') || words.every((word) => `${name} ${more}`.toLowerCase().includes(word)),
  )
  return (
    <Autocomplete inputValue={text} onInputChange={setText}>
      <TextField aria-label="Search or create" autoFocus className="palette-field">
        <Search size={18} aria-hidden="true" />
        <Input placeholder="Go to a page, paste a URL to shorten, look up an address…" />
      </TextField>
      <Menu
        className="menu palette-list"
        aria-label="Results"
        items={found}
        onAction={onDone}
        renderEmptyState={() => <p className="palette-empty">Nothing is called that.</p>}
      >
        {({ id, name, href, icon: Icon }) => (
          <MenuItem id={id} textValue={name} href={href} className="menu-item">
            <Icon size={17} aria-hidden="true" />
            <span className="menu-text clip">{name}</span>
            <CornerDownLeft size={14} className="palette-enter" aria-hidden="true" />
          </MenuItem>
        )}
      </Menu>
    </Autocomplete>
  )
}

function typedEntries(typed: string): Entry[] {
  if (typed === '') return []
  const query = encodeURIComponent(typed)
  return [
    ...(LIKE_URL.test(typed)
      ? [{ id: 'typed-shorten', name: `Shorten ${typed}`, href: `/app/links?new=${query}`, icon: Link2 }]
      : []),
    ...(LIKE_URL.test(typed) || LIKE_NETWORK.test(typed)
      ? [{ id: 'typed-look-up', name: `Look up ${typed}`, href: `/app/lookup?q=${query}`, icon: Radar }]
      : []),
    {
      id: 'typed-search',
      name: `Links with “${typed}”`,
      href: `/app/links?search=${query}`,
      icon: Search,
    },
  ]
}

function places(account: Account): Entry[] {
  return [
    { id: 'new-link', name: 'New link', href: '/app/links?new', icon: Plus, words: 'create short url' },
    {
      id: 'new-typed-link',
      name: 'New Wi-Fi, contact or text link',
      href: '/app/links?new-page',
      icon: Plus,
    },
    { id: 'import', name: 'Import links from CSV', href: '/app/links?import', icon: Plus, words: 'bulk' },
    ...placesFor(account).flatMap(({ places: group }) =>
      group.map((place) => ({ id: place.href, ...place })),
    ),
  ]
}
