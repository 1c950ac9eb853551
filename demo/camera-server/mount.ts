/** One camera: a video that runs on by the wall clock, whether anybody watches or not. */
import type { Clock, EpochMs } from "../../protocol/index.ts";
import type { ClientCounters, ClientIdentity, ClientStream, LiveUnit } from "./client-stream.ts";
import type { Clip } from "./clip.ts";
import { TICKS_PER_MS } from "./clip.ts";
import { MediaClock } from "./media-clock.ts";
import { packetise } from "./rtp-packetiser.ts";
import { Timeline } from "./timeline.ts";

/** A client's first picture since it asked to play. */
export interface ClientStarted extends ClientIdentity {
  readonly mount: string;
  readonly transport: "tcp" | "udp";
  /** Wall time at which its first access unit was sent: the moment this camera "saw" it. */
  readonly firstCaptureTimeMs: EpochMs;
  readonly firstRtpTimestamp: number;
}

export type ClientStatus = ClientIdentity & ClientCounters & { readonly transport: "tcp" | "udp" };

export interface MountOptions {
  readonly name: string;
  readonly clip: Clip;
  readonly clock: Clock;
  /** Random, 32 bits. */
  readonly firstTimestamp: number;
  /** How far into the video it begins: at the first key frame from there on. Default 0. */
  readonly startMs?: number;
  readonly onClientStarted?: (event: ClientStarted) => void;
}

const REPORT_INTERVAL_MS = 2_000;

/**
 * More than this off the schedule is no late timer but a stopped process or a stepped wall clock:
 * a camera would have lost those frames, not sent them in a burst.
 */
const MAX_LATENESS_MS = 1_000;

export class Mount {
  readonly name: string;
  readonly #clock: Clock;
  readonly #timeline: Timeline;
  readonly #media: MediaClock;
  readonly #clients = new Set<ClientStream>();
  readonly #onClientStarted: ((event: ClientStarted) => void) | undefined;
  #isPaused = false;
  #skips = 0;

  constructor(options: MountOptions) {
    this.name = options.name;
    this.#clock = options.clock;
    this.#timeline = new Timeline(options.clip);
    const { startMs = 0 } = options;
    this.#timeline.skipTo(startMs * TICKS_PER_MS);
    this.#media = new MediaClock(options.clock.now() - startMs, options.firstTimestamp);
    this.#onClientStarted = options.onClientStarted;
  }

  /** What is shown now. */
  get clip(): Clip {
    return this.#timeline.clip;
  }

  /** The RTP timestamp of the next key frame: what a client that plays now will see first. */
  get nextKeyTimestamp(): number {
    return this.#media.rtpTimestamp(this.#timeline.nextKeyTicks);
  }

  /** How often the schedule was left, because the process stood still or the clock was set. */
  get skips(): number {
    return this.#skips;
  }

  get clients(): readonly ClientStatus[] {
    return [...this.#clients].map(({ identity, sink, counters }) => ({
      ...identity,
      ...counters,
      transport: sink.transport,
    }));
  }

  /** The scheduled moment of a frame that was sent lately. */
  wallTimeOf(rtpTimestamp: number): EpochMs {
    return this.#media.wallTimeOf(rtpTimestamp, this.#clock.now());
  }

  /** The client gets a sender report at once and pictures from the next key frame on. */
  join(client: ClientStream): void {
    client.begin();
    this.#clients.add(client);
    if (!this.#isPaused) {
      this.#report(client, this.#clock.now());
    }
  }

  leave(client: ClientStream): void {
    this.#clients.delete(client);
  }

  /** The camera hangs: it stays connected and sends nothing, and its time goes on. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#awaitKey();
  }

  /** Damages the next `packets` RTP packets of every client there is. */
  garble(packets: number): void {
    for (const client of this.#clients) {
      client.garble(packets);
    }
  }

  switchAtSeam(clip: Clip): void {
    this.#timeline.switchAtSeam(clip);
  }

  /** Sends each unit when it is due, by one absolute schedule, until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const nowMs = this.#clock.now();
      const waitMs = this.#media.dueMs(this.#timeline.ticks) - nowMs;
      const gapMs = this.#timeline.gapTicks / TICKS_PER_MS;
      if (waitMs > gapMs + MAX_LATENESS_MS) {
        this.#media.reanchor(this.#timeline.ticks, nowMs);
        this.#skips += 1;
      } else if (waitMs > 0) {
        if (!(await this.#sleep(waitMs, signal))) {
          return;
        }
      } else if (waitMs < -MAX_LATENESS_MS) {
        this.#timeline.skipTo(this.#media.ticksAt(nowMs));
        this.#skips += 1;
        this.#awaitKey();
      } else {
        this.#sendDue(nowMs);
      }
    }
  }

  /** False when the wait was ended by the signal. */
  async #sleep(waitMs: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#clock.wait(Math.ceil(waitMs), signal);
      return true;
    } catch (error) {
      if (signal.aborted) {
        return false;
      }
      throw error;
    }
  }

  #sendDue(nowMs: EpochMs): void {
    const { unit, ticks } = this.#timeline;
    if (!this.#isPaused && this.#clients.size > 0) {
      const live: LiveUnit = {
        isKey: unit.isKey,
        payloads: packetise(unit.nalUnits),
        rtpTimestamp: this.#media.rtpTimestamp(ticks),
      };
      for (const client of this.#clients) {
        this.#sendTo(client, live, nowMs);
      }
    }
    this.#timeline.advance();
  }

  #sendTo(client: ClientStream, live: LiveUnit, nowMs: EpochMs): void {
    if (nowMs - client.lastReportMs >= REPORT_INTERVAL_MS) {
      this.#report(client, nowMs);
    }
    if (client.offer(live)) {
      this.#onClientStarted?.({
        mount: this.name,
        ...client.identity,
        transport: client.sink.transport,
        firstCaptureTimeMs: nowMs,
        firstRtpTimestamp: live.rtpTimestamp,
      });
    }
  }

  #report(client: ClientStream, nowMs: EpochMs): void {
    client.report(nowMs, this.#media.rtpTimestamp(this.#media.ticksAt(nowMs)));
  }

  #awaitKey(): void {
    for (const client of this.#clients) {
      client.awaitKey();
    }
  }
}
