import { type DayNumber, type EmitRow, type OpenParser, SourceFormatError } from './rows.ts'

/** What a format makes of its lines. */
export interface LineReader {
  /**
   * Read the line that stands in `bytes` from `from` up to `to`, which is not empty.
   *
   * @returns what is wrong with it, as a clause such as `has no AS number`; undefined where nothing is
   */
  line(bytes: Uint8Array, from: number, to: number): string | undefined
  /** @returns what is wrong with the file as a whole, as a sentence, once all lines have been read */
  finish?(badRows: number): string | undefined
  /** The day the file says it is of; 0 where it does not. */
  day?(): DayNumber
  /** See `FileSummary.part`. */
  part?(): string
}

/** A format of lines. */
export interface LineFormat {
  /** Names the format in refusals: `a CAIDA relationship file`. */
  readonly title: string
  /** The last line may end with the file; otherwise that is taken for a file that was cut off in the middle of it. */
  readonly isEndOpen?: true
  read(emit: EmitRow): LineReader
}

const NEWLINE = 10
const RETURN = 13
const UTF8_MARK = [0xef, 0xbb, 0xbf]
/** The longest lines are customer cones of the largest networks, of half a million bytes. */
const MAX_LINE_BYTES = 4 * 1024 * 1024
/** So many rows are read for each line that is passed over. */
const ROWS_FOR_A_BAD_ONE = 100
/** A file of another format need not be read to its end: so many bad lines beyond what is allowed are enough. */
const BAD_ROWS_TO_GIVE_UP = 20

/** Read a format of lines. Lines may end with CR LF; empty ones are passed over. */
export function lineParser(format: LineFormat): OpenParser {
  return (emit) => {
    let rows = 0
    let badRows = 0
    let lines = 0
    let firstProblem = ''
    const reader = format.read((row) => {
      rows++
      emit(row)
    })

    const refuse = (problem: string) => new SourceFormatError(`this is not ${format.title}: ${problem}`)
    const take = (bytes: Uint8Array, from: number, end: number) => {
      lines++
      const start = lines === 1 && startsWithMark(bytes, from) ? from + UTF8_MARK.length : from
      const to = end > start && bytes[end - 1] === RETURN ? end - 1 : end
      if (start === to) return
      const problem = reader.line(bytes, start, to)
      if (problem === undefined) return
      badRows++
      firstProblem ||= `line ${lines} ${problem}`
      if ((badRows - BAD_ROWS_TO_GIVE_UP) * ROWS_FOR_A_BAD_ONE > rows) throw refuse(firstProblem)
    }
    const splitter = lineSplitter(take, () =>
      refuse(`line ${lines + 1} has more than ${MAX_LINE_BYTES} bytes`),
    )

    return {
      push: (bytes) => splitter.push(bytes),
      end() {
        const isCutOff = splitter.end() && format.isEndOpen !== true
        if (badRows * ROWS_FOR_A_BAD_ONE > rows) throw refuse(firstProblem)
        if (isCutOff)
          throw new SourceFormatError(
            `the file is cut off: its last line, line ${lines}, has no end. If it is whole, end it with a newline`,
          )
        const problem = reader.finish?.(badRows)
        if (problem !== undefined) throw new SourceFormatError(problem)
        if (rows === 0) throw refuse(`it has ${lines === 0 ? 'no line' : `${lines} lines and no row`}`)
        return { rows, badRows, day: reader.day?.() ?? 0, part: reader.part?.() ?? '' }
      },
    }
  }
}

function lineSplitter(
  take: (bytes: Uint8Array, from: number, end: number) => void,
  tooLong: () => SourceFormatError,
) {
  /** The line that has begun and not ended. */
  let begun: Uint8Array = new Uint8Array()
  return {
    push(bytes: Uint8Array): void {
      let from = 0
      if (begun.length > 0) {
        const end = bytes.indexOf(NEWLINE)
        const rest = end < 0 ? bytes : bytes.subarray(0, end)
        if (begun.length + rest.length > MAX_LINE_BYTES) throw tooLong()
        begun = Buffer.concat([begun, rest])
        if (end < 0) return
        take(begun, 0, begun.length)
        begun = new Uint8Array()
        from = end + 1
      }
      for (let end = bytes.indexOf(NEWLINE, from); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
        take(bytes, from, end)
        from = end + 1
      }
      if (bytes.length - from > MAX_LINE_BYTES) throw tooLong()
      // A copy, which `slice` of a Buffer is not.
      begun = new Uint8Array(bytes.subarray(from))
    },
    /** @returns whether the last line had no end */
    end(): boolean {
      if (begun.length === 0) return false
      take(begun, 0, begun.length)
      return true
    },
  }
}

function startsWithMark(bytes: Uint8Array, from: number): boolean {
  return UTF8_MARK.every((byte, index) => bytes[from + index] === byte)
}
