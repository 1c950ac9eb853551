/** Uploads the pictures of accepted events while no event waits. */
import fs from "node:fs/promises";
import type { BrainClient } from "./brain-client.ts";
import { failureOf } from "./failure.ts";
import type { Pause } from "./lane.ts";
import type { LinkState } from "./link-state.ts";
import type { UplinkLog } from "./log.ts";
import type { Outbox } from "./outbox.ts";
import type { WaitingPicture } from "./picture-table.ts";
import { putPicture } from "./picture-upload.ts";
import type { RetryPace } from "./retry-pace.ts";

/** Oldest pictures among which the one with the fewest failures goes next. */
const WINDOW = 64;
/** The brain does not know the picture, finds its bytes wrong, or finds it too large: for ever. */
const TERMINAL = new Set([404, 413, 422]);

export interface PictureSenderOptions {
  readonly outbox: Outbox;
  readonly client: BrainClient;
  readonly link: LinkState;
  readonly pace: RetryPace;
  readonly log: UplinkLog;
}

export class PictureSender {
  readonly #options: PictureSenderOptions;
  /** Failures per picture of the window, so that one bad picture does not hold up the others. */
  #failures = new Map<string, number>();

  constructor(options: PictureSenderOptions) {
    this.#options = options;
  }

  async step(signal: AbortSignal): Promise<Pause> {
    const { outbox, client } = this.#options;
    const picture = outbox.depth() > 0 ? undefined : this.#choose();
    if (picture === undefined) {
      return "idle";
    }
    const bytes = await readPicture(picture.path);
    if (bytes === undefined) {
      this.#lose(picture, { code: "NOT_FOUND", message: "the file is gone" });
      return 0;
    }
    const reply = await putPicture(client, picture.sha256, bytes, signal);
    if (reply.kind === "answer" && reply.status >= 200 && reply.status < 300) {
      this.#succeed();
      outbox.settlePicture(picture.sha256, "uploaded");
      return 0;
    }
    const failure = failureOf(reply);
    if (reply.kind === "answer" && TERMINAL.has(reply.status)) {
      this.#succeed();
      this.#lose(picture, { code: failure.code, message: failure.reason });
      return 0;
    }
    this.#failures.set(picture.sha256, (this.#failures.get(picture.sha256) ?? 0) + 1);
    this.#options.link.down(failure);
    return this.#options.pace.afterMs(failure);
  }

  #succeed(): void {
    this.#options.link.up();
    this.#options.pace.succeeded();
  }

  #choose(): WaitingPicture | undefined {
    const waiting = this.#options.outbox.peekPictures(WINDOW);
    const failuresOf = ({ sha256 }: WaitingPicture): number => this.#failures.get(sha256) ?? 0;
    this.#failures = new Map(
      waiting.filter((one) => failuresOf(one) > 0).map((one) => [one.sha256, failuresOf(one)]),
    );
    const fewest = Math.min(...waiting.map(failuresOf));
    return waiting.find((one) => failuresOf(one) === fewest);
  }

  #lose({ event, sha256 }: WaitingPicture, problem: { code: string; message: string }): void {
    this.#options.outbox.settlePicture(sha256, "lost");
    this.#options.log.error({ event, sha256, problem }, "a picture cannot be delivered");
  }
}

async function readPicture(file: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await fs.readFile(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
