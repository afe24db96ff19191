import type { WrittenBytes } from './byte-buffer.ts'

/** A `200` whose every byte is known. */
export interface ReadyAnswer {
  /** Header lines, each with its line break before it. */
  readonly headers: WrittenBytes
  readonly body: string | WrittenBytes
}
