/** One client's control connection: bytes in, answers out, and nothing left behind at its end. */
import type { Socket } from "node:net";
import type { Credentials } from "./digest-auth.ts";
import { interleavedSink, udpSink } from "./media-sink.ts";
import type { MediaSink } from "./media-sink.ts";
import type { Mount } from "./mount.ts";
import { cseqOf, RtspDialogue } from "./rtsp-dialogue.ts";
import { RtspRequestReader } from "./rtsp-request.ts";
import type { Malformed, RtspItem, RtspRequest } from "./rtsp-request.ts";
import { encodeResponse } from "./rtsp-response.ts";
import type { TransportOffer } from "./rtsp-transport.ts";

export interface ConnectionLimits {
  /** A client that gives no sign of life for so long is gone. */
  readonly sessionTimeoutMs: number;
  /** From this many unsent bytes on, pictures are dropped up to the next key frame. */
  readonly maxQueuedBytes: number;
  /** A client with more unsent bytes asks without ever reading: it is cut. */
  readonly maxUnsentBytes: number;
}

export interface RtspConnectionOptions {
  readonly socket: Socket;
  readonly mounts: ReadonlyMap<string, Mount>;
  readonly credentials: Credentials | undefined;
  readonly limits: ConnectionLimits;
  /** Counts a server's clients from 1. */
  readonly client: number;
}

/** The announced timeout is the client's; a keep-alive may be late by a slow network. */
const TIMEOUT_GRACE = 1.1;

/** After a malformed request its sender has so long to read the answer and hang up. */
const DRAIN_TIMEOUT_MS = 1_000;
const MAX_DRAIN_BYTES = 1_024 * 1_024;

export class RtspConnection {
  readonly #socket: Socket;
  readonly #limits: ConnectionLimits;
  readonly #reader = new RtspRequestReader();
  readonly #dialogue: RtspDialogue;
  readonly #localAddress: string;
  readonly #remoteAddress: string;
  /** Bytes ignored after a malformed request; undefined while the client is understood. */
  #drainedBytes: number | undefined;

  constructor({ socket, limits, mounts, credentials, client }: RtspConnectionOptions) {
    this.#socket = socket;
    this.#limits = limits;
    this.#localAddress = plainAddress(socket.localAddress);
    this.#remoteAddress = plainAddress(socket.remoteAddress);
    this.#dialogue = new RtspDialogue({
      mounts,
      credentials,
      sessionTimeoutMs: limits.sessionTimeoutMs,
      maxQueuedBytes: limits.maxQueuedBytes,
      client,
      clientAddress: `${this.#remoteAddress}:${String(socket.remotePort ?? 0)}`,
      localAddress: this.#localAddress,
      openSink: (offer) => this.#openSink(offer),
    });
    socket.setNoDelay(true);
    this.#expectLife();
    socket.on("timeout", () => socket.destroy());
    // A reset is one of the ways in which clients leave; "close" follows.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#dialogue.close();
    });
    socket.on("data", (chunk: Buffer) => {
      this.#onData(chunk);
    });
  }

  get mount(): Mount | undefined {
    return this.#dialogue.mount;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    if (this.#drainedBytes !== undefined) {
      this.#drainedBytes += chunk.length;
      if (this.#drainedBytes > MAX_DRAIN_BYTES) {
        this.#socket.destroy();
      }
      return;
    }
    // One request at a time: what follows waits in the kernel, not here.
    this.#socket.pause();
    void this.#consume(this.#reader.push(chunk)).finally(() => this.#socket.resume());
  }

  async #consume(items: readonly RtspItem[]): Promise<void> {
    for (const item of items) {
      if (this.#socket.destroyed) {
        return;
      }
      switch (item.kind) {
        case "interleaved":
          break; // A receiver report: its arrival was all it had to say.
        case "malformed":
          this.#refuse(item);
          break;
        case "request":
          await this.#answer(item);
          break;
      }
    }
  }

  async #answer(request: RtspRequest): Promise<void> {
    const cseq = cseqOf(request);
    try {
      const answer = await this.#dialogue.answer(request);
      this.#write(encodeResponse(answer, cseq));
      answer.afterwards?.();
    } catch {
      // Nothing a client sends may end the server; what is left to fail is opening UDP ports.
      this.#write(encodeResponse({ status: 500 }, cseq));
    }
  }

  #refuse({ status, reason }: Malformed): void {
    this.#dialogue.close();
    this.#drainedBytes = 0;
    this.#socket.setTimeout(DRAIN_TIMEOUT_MS);
    const headers = { "Content-Type": "text/plain", Connection: "close" };
    this.#socket.end(encodeResponse({ status, headers, body: `${reason}\r\n` }, undefined));
  }

  #write(text: string): void {
    if (!this.#socket.writable) {
      return;
    }
    this.#socket.write(text);
    if (this.#socket.writableLength > this.#limits.maxUnsentBytes) {
      this.#socket.destroy();
    }
  }

  async #openSink(offer: TransportOffer): Promise<MediaSink | undefined> {
    if (offer.kind === "tcp") {
      return interleavedSink(this.#socket, offer.rtpChannel, offer.rtcpChannel);
    }
    const sink = await udpSink({
      localAddress: this.#localAddress,
      // Only to where the request came from, or anybody could aim the stream at anybody.
      remoteAddress: this.#remoteAddress,
      rtpPort: offer.rtpPort,
      rtcpPort: offer.rtcpPort,
      onReceiverReport: () => {
        this.#expectLife();
      },
    });
    if (this.#socket.destroyed) {
      sink.close();
      return undefined;
    }
    return sink;
  }

  /** The socket's own timer restarts with every byte in and out, and here. */
  #expectLife(): void {
    this.#socket.setTimeout(this.#limits.sessionTimeoutMs * TIMEOUT_GRACE);
  }
}

/** An IPv4 client of a socket that also listens on IPv6 is an IPv4 client. */
function plainAddress(address: string | undefined): string {
  return (address ?? "").replace(/^::ffff:(?=\d+\.)/, "");
}
