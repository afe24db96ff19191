/** A part of a file: from its byte `start` up to, and without, its byte `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** A file that is being written. It is nowhere to be read until it is finished. */
export interface FileDraft {
  /**
   * Append bytes, which are the draft's from then on. One call at a time.
   *
   * @returns what to wait for before the next call; undefined when nothing has to be waited for
   */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Make the file durable and readable. When this is done, no crash takes it away. */
  finish(): Promise<void>
  /** Let go of what the process holds of it. What was stored stays until it is erased by its key. */
  abandon(): Promise<void>
}

/** A file that is being read; it can be read to its end even when it is erased meanwhile. */
export interface OpenFile extends AsyncDisposable {
  /** The bytes of a range, in pieces. One range at a time. */
  read(range: ByteRange): AsyncIterable<Uint8Array>
}

/** Keeps files by a key of 32 hexadecimal characters. */
export interface FileStore {
  /** Whether this process alone writes to it, so that drafts it does not know of are left over from a crash. */
  readonly isExclusive: boolean
  /**
   * Begin to write a file.
   *
   * @param onRef told, and waited for, before anything is stored that can be erased only by this reference and the key
   */
  create(key: string, onRef: (ref: string) => Promise<void>): Promise<FileDraft>
  /** @returns undefined when there is no such file */
  open(key: string): Promise<OpenFile | undefined>
  /**
   * Remove whatever there is of a file, its drafts included. Doing it twice is as good as once.
   *
   * @param ref the reference of its draft, if there was one
   */
  erase(key: string, ref: string | null): Promise<void>
}
