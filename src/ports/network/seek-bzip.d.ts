declare module 'seek-bzip' {
  /** What the decoder reads from and writes to, a byte at a time. */
  class Stream {
    readByte(): number
    writeByte(byte: number): void
  }
  const bunzip: {
    readonly Stream: typeof Stream
    /**
     * Decode one stream, to its end mark where `input` has no method `eof`.
     *
     * @throws TypeError with an `errorCode` for damaged input; whatever input and output throw
     */
    decode(input: Stream, output: Stream): void
  }
  export default bunzip
}
