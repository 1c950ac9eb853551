/** One client's share of a mount: its RTP numbers, its drops and its counters. */
import type { EpochMs } from "../../protocol/index.ts";
import type { MediaSink } from "./media-sink.ts";
import { encodeSenderReport } from "./rtcp.ts";
import { encodeRtpPacket, RTP_HEADER_BYTES } from "./rtp-packetiser.ts";
import type { RtpPayload } from "./rtp-packetiser.ts";

export interface ClientIdentity {
  /** Counts a server's clients from 1. */
  readonly client: number;
  readonly address: string;
  readonly userAgent: string;
}

/** One access unit as it goes to every client. */
export interface LiveUnit {
  readonly isKey: boolean;
  readonly payloads: readonly RtpPayload[];
  readonly rtpTimestamp: number;
}

export interface ClientCounters {
  readonly sentUnits: number;
  /** Whole access units left out because the client was slow. */
  readonly droppedUnits: number;
  readonly sentPackets: number;
  readonly garbledPackets: number;
}

export interface ClientStreamOptions {
  readonly identity: ClientIdentity;
  readonly sink: MediaSink;
  readonly ssrc: number;
  readonly firstSequence: number;
  /** From this many unsent bytes on, units are dropped up to the next key frame. */
  readonly maxQueuedBytes: number;
}

export class ClientStream {
  readonly identity: ClientIdentity;
  readonly sink: MediaSink;
  readonly ssrc: number;
  #sequence: number;
  readonly #maxQueuedBytes: number;
  #isWaitingForKey = true;
  #isStarted = false;
  #lastReportMs: EpochMs = -Infinity;
  #octetCount = 0;
  #toGarble = 0;
  #sentUnits = 0;
  #droppedUnits = 0;
  #sentPackets = 0;
  #garbledPackets = 0;

  constructor(options: ClientStreamOptions) {
    this.identity = options.identity;
    this.sink = options.sink;
    this.ssrc = options.ssrc;
    this.#sequence = options.firstSequence;
    this.#maxQueuedBytes = options.maxQueuedBytes;
  }

  get nextSequence(): number {
    return this.#sequence;
  }

  get lastReportMs(): EpochMs {
    return this.#lastReportMs;
  }

  get counters(): ClientCounters {
    return {
      sentUnits: this.#sentUnits,
      droppedUnits: this.#droppedUnits,
      sentPackets: this.#sentPackets,
      garbledPackets: this.#garbledPackets,
    };
  }

  get #isCongested(): boolean {
    return this.sink.queuedBytes > this.#maxQueuedBytes;
  }

  /** PLAY: the next key frame is the client's first unit. */
  begin(): void {
    this.#isWaitingForKey = true;
    this.#isStarted = false;
  }

  /** Something was left out: nothing may be sent before the next key frame. */
  awaitKey(): void {
    this.#isWaitingForKey = true;
  }

  /** The next `packets` RTP packets get a damaged payload under a sound header. */
  garble(packets: number): void {
    this.#toGarble += packets;
  }

  /** True when this unit was sent and is the first one since PLAY. */
  offer(unit: LiveUnit): boolean {
    if (this.#isCongested) {
      this.#droppedUnits += 1;
      this.#isWaitingForKey = true;
      return false;
    }
    if (this.#isWaitingForKey && !unit.isKey) {
      this.#droppedUnits += this.#isStarted ? 1 : 0;
      return false;
    }
    this.sink.sendRtp(unit.payloads.map((payload) => this.#encode(payload, unit.rtpTimestamp)));
    this.#isWaitingForKey = false;
    this.#sentUnits += 1;
    const isFirst = !this.#isStarted;
    this.#isStarted = true;
    return isFirst;
  }

  /** `rtpTimestamp` belongs to the moment `atMs`. Left out while the client does not keep up. */
  report(atMs: EpochMs, rtpTimestamp: number): void {
    this.#lastReportMs = atMs;
    if (this.#isCongested) {
      return;
    }
    this.sink.sendRtcp(
      encodeSenderReport({
        ssrc: this.ssrc,
        atMs,
        rtpTimestamp,
        packetCount: this.#sentPackets,
        octetCount: this.#octetCount,
        cname: "camera-server",
      }),
    );
  }

  #encode(payload: RtpPayload, timestamp: number): Buffer {
    const packet = encodeRtpPacket({
      payload,
      timestamp,
      sequence: this.#sequence,
      ssrc: this.ssrc,
    });
    this.#sequence = (this.#sequence + 1) % 2 ** 16;
    this.#sentPackets += 1;
    this.#octetCount += packet.length - RTP_HEADER_BYTES;
    if (this.#toGarble > 0) {
      this.#toGarble -= 1;
      this.#garbledPackets += 1;
      damage(packet);
    }
    return packet;
  }
}

/** The NAL unit's and the fragment's header stay, or the receiver would drop the packet unread. */
const UNDAMAGED_BYTES = RTP_HEADER_BYTES + 2;

/** The same damage each time, so that a fault test can be repeated. */
function damage(packet: Buffer): void {
  for (let index = UNDAMAGED_BYTES; index < packet.length; index += 1) {
    packet[index] = (packet[index] ?? 0) ^ ((index * 37) & 0xff);
  }
}
