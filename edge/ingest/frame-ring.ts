import { PermanentError, TransientError } from "../../protocol/index.ts";
import { frameBytes, type FrameMeta } from "./frame.ts";

/** Largest picture a ring accepts by default: 4K. */
export const MAX_FRAME_BYTES = frameBytes(3840, 2160);

/** One being written, one pending, two being analysed. */
const DEFAULT_SLOTS = 4;

export interface FrameRingOptions {
  /** At least 3: one being written, one pending, one being analysed. */
  readonly slots?: number;
  readonly maxFrameBytes?: number;
}

/** A frame held by a consumer until it is released. `buffer` can be posted to a worker. */
export interface FrameLease {
  readonly slot: number;
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly width: number;
  readonly height: number;
  readonly meta: FrameMeta;
}

/** captured = analysed + Σ dropped + pending + inFlight, at every moment. */
export interface FrameCounters {
  readonly captured: number;
  readonly analysed: number;
  /** Frames that were never analysed, by cause. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly pending: 0 | 1;
  readonly inFlight: number;
}

type SlotState = "free" | "writing" | "pending" | "leased";

interface Slot {
  readonly index: number;
  state: SlotState;
  buffer: SharedArrayBuffer;
  bytes: Uint8Array;
  lease: FrameLease | undefined;
}

/**
 * Latest-wins slots in shared memory between one writer and its consumers, both on one thread;
 * workers only see the bytes of leased slots. It never queues: at most one frame is pending, and
 * a newer one replaces it (cause `superseded`). With no slot free the new frame is dropped (cause
 * `busy`). Each slot has a buffer of its own, so that a picture that grows re-allocates a slot
 * nobody looks at and never disturbs a lease.
 */
export class FrameRing {
  readonly #slots: readonly Slot[];
  readonly #maxFrameBytes: number;
  readonly #dropped = new Map<string, number>();
  #captured = 0;
  #analysed = 0;
  #inFlight = 0;
  #writing: Slot | undefined;
  #pending: Slot | undefined;

  constructor(options: FrameRingOptions = {}) {
    const count = options.slots ?? DEFAULT_SLOTS;
    if (!Number.isInteger(count) || count < 3) {
      throw new PermanentError("CONFIG_INVALID", "A frame ring needs room", {
        expected: "at least 3 slots",
        got: String(count),
      });
    }
    this.#maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
    this.#slots = Array.from({ length: count }, (_, index) => emptySlot(index));
  }

  /**
   * Room for the next picture, or undefined when every slot is taken: that frame is counted as
   * captured and dropped, and its bytes are to be skipped. A picture begun before and not
   * published is forgotten.
   */
  begin(width: number, height: number): Uint8Array | undefined {
    this.abandon();
    const length = frameBytes(width, height);
    const isEven = width % 2 === 0 && height % 2 === 0;
    if (!(isEven && length > 0 && length <= this.#maxFrameBytes)) {
      throw new TransientError("SOURCE_UNREADABLE", "The picture has an impossible size", {
        expected: `even sides and 1 to ${this.#maxFrameBytes} bytes`,
        got: `${width}x${height}`,
      });
    }
    const slot = this.#slots.find(({ state }) => state === "free");
    if (slot === undefined) {
      this.#captured++;
      this.#drop("busy");
      return undefined;
    }
    if (slot.buffer.byteLength < length) {
      slot.buffer = new SharedArrayBuffer(length);
    }
    if (slot.bytes.byteLength !== length || slot.bytes.buffer !== slot.buffer) {
      slot.bytes = new Uint8Array(slot.buffer, 0, length);
    }
    slot.state = "writing";
    this.#writing = slot;
    return slot.bytes;
  }

  /** Makes the picture begun last the pending one; `meta` has the size it was begun with. */
  publish(meta: FrameMeta): void {
    const slot = this.#writing;
    if (slot?.bytes.byteLength !== frameBytes(meta.width, meta.height)) {
      throw new Error("publish() needs a begun picture of the same size");
    }
    this.#writing = undefined;
    this.#captured++;
    this.dropPending("superseded");
    slot.state = "pending";
    slot.lease = {
      slot: slot.index,
      buffer: slot.buffer,
      byteOffset: 0,
      byteLength: slot.bytes.byteLength,
      width: meta.width,
      height: meta.height,
      meta,
    };
    this.#pending = slot;
  }

  /** Forgets a picture begun and not published, for example when its stream broke off. */
  abandon(): void {
    if (this.#writing !== undefined) {
      this.#writing.state = "free";
      this.#writing = undefined;
    }
  }

  /** The pending frame without taking it. */
  peek(): FrameMeta | undefined {
    return this.#pending?.lease?.meta;
  }

  /** The newest frame nobody has taken, or undefined. Every lease must be released once. */
  take(): FrameLease | undefined {
    const slot = this.#pending;
    const lease = slot?.lease;
    if (slot === undefined || lease === undefined) {
      return undefined;
    }
    this.#pending = undefined;
    slot.state = "leased";
    this.#inFlight++;
    return lease;
  }

  /**
   * Gives a slot back. `outcome` is `analysed`, or the cause for which the frame was dropped
   * after all, such as `stale` or `inference-failed`.
   */
  release(lease: FrameLease, outcome = "analysed"): void {
    const slot = this.#slots[lease.slot];
    if (slot?.state !== "leased" || slot.lease !== lease) {
      throw new Error(`release() of a frame that is not held; slot ${lease.slot}`);
    }
    slot.state = "free";
    slot.lease = undefined;
    this.#inFlight--;
    if (outcome === "analysed") {
      this.#analysed++;
    } else {
      this.#drop(outcome);
    }
  }

  /** Drops the pending frame, if any, for `cause`. */
  dropPending(cause: string): void {
    const slot = this.#pending;
    if (slot !== undefined) {
      this.#pending = undefined;
      slot.state = "free";
      slot.lease = undefined;
      this.#drop(cause);
    }
  }

  counters(): FrameCounters {
    return {
      captured: this.#captured,
      analysed: this.#analysed,
      dropped: Object.fromEntries(this.#dropped),
      pending: this.#pending === undefined ? 0 : 1,
      inFlight: this.#inFlight,
    };
  }

  #drop(cause: string): void {
    this.#dropped.set(cause, (this.#dropped.get(cause) ?? 0) + 1);
  }
}

function emptySlot(index: number): Slot {
  const buffer = new SharedArrayBuffer(0);
  return { index, state: "free", buffer, bytes: new Uint8Array(buffer), lease: undefined };
}
