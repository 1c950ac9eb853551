/** H.264 over RTP (RFC 6184): single NAL unit packets and FU-A fragments, non-interleaved mode. */

export const RTP_PAYLOAD_TYPE = 96;
export const RTP_HEADER_BYTES = 12;

/** With IP, UDP and RTP headers (40 bytes) below Ethernet's 1500, with room for a tunnel. */
export const MAX_PAYLOAD_BYTES = 1_400;

const FU_A = 28;
const FU_HEADER_BYTES = 2;
const FU_START = 0x80;
const FU_END = 0x40;

export interface RtpPayload {
  /** The two FU-A bytes in front of a fragment; empty before a whole NAL unit. */
  readonly prefix: Buffer;
  readonly body: Buffer;
  /** Set on the last packet of an access unit. */
  readonly isLast: boolean;
}

/** Cuts an access unit into payloads; the bodies are views into the NAL units. */
export function packetise(
  nalUnits: readonly Buffer[],
  maxPayloadBytes = MAX_PAYLOAD_BYTES,
): readonly RtpPayload[] {
  return nalUnits.flatMap((nalUnit, index) => {
    const isLastUnit = index === nalUnits.length - 1;
    return nalUnit.length <= maxPayloadBytes
      ? [{ prefix: EMPTY, body: nalUnit, isLast: isLastUnit }]
      : fragment(nalUnit, maxPayloadBytes, isLastUnit);
  });
}

const EMPTY = Buffer.alloc(0);

function fragment(nalUnit: Buffer, maxPayloadBytes: number, isLastUnit: boolean): RtpPayload[] {
  const header = nalUnit.readUInt8(0);
  const stepBytes = maxPayloadBytes - FU_HEADER_BYTES;
  const payloads: RtpPayload[] = [];
  for (let begin = 1; begin < nalUnit.length; begin += stepBytes) {
    const end = Math.min(begin + stepBytes, nalUnit.length);
    const isEnd = end === nalUnit.length;
    const marks = (begin === 1 ? FU_START : 0) | (isEnd ? FU_END : 0);
    payloads.push({
      prefix: Buffer.from([(header & 0xe0) | FU_A, marks | (header & 0x1f)]),
      body: nalUnit.subarray(begin, end),
      isLast: isLastUnit && isEnd,
    });
  }
  return payloads;
}

export interface RtpPacketFields {
  readonly payload: RtpPayload;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** A whole RTP packet (RFC 3550 §5.1). */
export function encodeRtpPacket({ payload, sequence, timestamp, ssrc }: RtpPacketFields): Buffer {
  const { prefix, body, isLast } = payload;
  const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + prefix.length + body.length);
  packet[0] = 0x80; // version 2
  packet[1] = RTP_PAYLOAD_TYPE | (isLast ? 0x80 : 0);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(timestamp, 4);
  packet.writeUInt32BE(ssrc, 8);
  prefix.copy(packet, RTP_HEADER_BYTES);
  body.copy(packet, RTP_HEADER_BYTES + prefix.length);
  return packet;
}
