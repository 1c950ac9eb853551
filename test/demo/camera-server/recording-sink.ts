/** A media sink that keeps what it is given. */
import type { MediaSink } from "../../../demo/camera-server/media-sink.ts";

export interface ReadPacket {
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
}

export class RecordingSink implements MediaSink {
  readonly transport = "tcp";
  readonly transportReply = "RTP/AVP/TCP;unicast;interleaved=0-1";
  queuedBytes = 0;
  isClosed = false;
  /** One entry for each access unit. */
  readonly units: (readonly ReadPacket[])[] = [];
  readonly reports: Buffer[] = [];

  get packets(): readonly ReadPacket[] {
    return this.units.flat();
  }

  /** Of each access unit. */
  get timestamps(): readonly number[] {
    return this.units.map(([first]) => first?.timestamp ?? NaN);
  }

  sendRtp(packets: readonly Buffer[]): void {
    this.units.push(packets.map(readPacket));
  }

  sendRtcp(packet: Buffer): void {
    this.reports.push(packet);
  }

  close(): void {
    this.isClosed = true;
  }
}

export function readPacket(packet: Buffer): ReadPacket {
  return {
    isLast: (packet.readUInt8(1) & 0x80) !== 0,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(12),
  };
}
