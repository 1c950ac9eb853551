/** A log file that cannot fill the disk: at most two files of `maxBytes` each. */
import { appendFileSync, renameSync, statSync } from "node:fs";

const MAX_BYTES = 5_000_000;
const TAIL_LINES = 12;

export class RotatingLog {
  readonly file: string;
  readonly #maxBytes: number;
  #bytes: number;
  #tail: string[] = [];

  constructor(file: string, maxBytes = MAX_BYTES) {
    this.file = file;
    this.#maxBytes = maxBytes;
    this.#bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Appends; the file that is full becomes `<file>.1`, and the one before is dropped. */
  write(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) {
      renameSync(this.file, `${this.file}.1`);
      this.#bytes = 0;
    }
    appendFileSync(this.file, text, { mode: 0o600 });
    this.#bytes += bytes;
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    this.#tail = [...this.#tail, ...lines].slice(-TAIL_LINES);
  }

  /** The last lines of this run. */
  get tail(): string {
    return this.#tail.join("\n");
  }

  forgetTail(): void {
    this.#tail = [];
  }
}
