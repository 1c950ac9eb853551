/** What SETUP makes: one client's claim on one mount, with its transport. */
import { randomInt } from "node:crypto";
import { ClientStream } from "./client-stream.ts";
import type { ClientIdentity } from "./client-stream.ts";
import type { MediaSink } from "./media-sink.ts";
import type { Mount } from "./mount.ts";

export interface RtspSessionOptions {
  readonly id: string;
  readonly mount: Mount;
  readonly sink: MediaSink;
  readonly identity: ClientIdentity;
  readonly maxQueuedBytes: number;
}

export class RtspSession {
  readonly id: string;
  readonly mount: Mount;
  readonly stream: ClientStream;
  #isPlaying = false;

  constructor({ id, mount, sink, identity, maxQueuedBytes }: RtspSessionOptions) {
    this.id = id;
    this.mount = mount;
    this.stream = new ClientStream({
      identity,
      sink,
      maxQueuedBytes,
      // Unpredictable, as RFC 3550 §5.1 asks; a source of zero confuses some clients.
      ssrc: randomInt(1, 2 ** 32),
      firstSequence: randomInt(2 ** 16),
    });
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  play(): void {
    if (!this.#isPlaying) {
      this.#isPlaying = true;
      this.mount.join(this.stream);
    }
  }

  pause(): void {
    this.#isPlaying = false;
    this.mount.leave(this.stream);
  }

  close(): void {
    this.pause();
    this.stream.sink.close();
  }
}
