/** Longer lines are cut: nothing we read from a child needs more. */
const MAX_LINE_CHARS = 1024;

/** Cuts a byte stream into lines in bounded memory, whatever the stream does. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  #partial = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** `\r`, with which FFmpeg rewrites its status line, ends a line too. */
  write(chunk: Uint8Array): void {
    // Latin-1 maps every byte to one character, so that a split or broken UTF-8 sequence is
    // harmless; what we parse is ASCII.
    const parts = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      .toString("latin1")
      .split(/[\r\n]/);
    parts.forEach((part, index) => {
      this.#partial = (this.#partial + part).slice(0, MAX_LINE_CHARS);
      if (index < parts.length - 1) {
        this.#flush();
      }
    });
  }

  /** The stream has ended: what is left is the last line. */
  end(): void {
    this.#flush();
  }

  #flush(): void {
    const line = this.#partial;
    this.#partial = "";
    if (line.trim() !== "") {
      this.#onLine(line);
    }
  }
}
