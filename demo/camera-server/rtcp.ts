/** RTCP sender reports (RFC 3550 §6.4.1), which tie RTP timestamps to wall time. */
import type { EpochMs } from "../../protocol/index.ts";

export interface SenderReport {
  readonly ssrc: number;
  /** One moment, on the camera's wall clock and on its media clock. */
  readonly atMs: EpochMs;
  readonly rtpTimestamp: number;
  readonly packetCount: number;
  readonly octetCount: number;
  /** Names the sender for the whole session; at most 255 bytes. */
  readonly cname: string;
}

const SENDER_REPORT = 200;
const SOURCE_DESCRIPTION = 202;
const CNAME = 1;
const REPORT_BYTES = 28;

/** From 1900-01-01, where NTP counts from, to 1970-01-01. */
const NTP_EPOCH_OFFSET_S = 2_208_988_800;

/** The compound packet that RFC 3550 §6.1 asks for: the report, then who sends it. */
export function encodeSenderReport(report: SenderReport): Buffer {
  const seconds = Math.floor(report.atMs / 1000);
  const fraction = Math.floor(((report.atMs - seconds * 1000) / 1000) * 2 ** 32);
  const packet = Buffer.alloc(REPORT_BYTES);
  packet[0] = 0x80;
  packet[1] = SENDER_REPORT;
  packet.writeUInt16BE(REPORT_BYTES / 4 - 1, 2);
  packet.writeUInt32BE(report.ssrc, 4);
  packet.writeUInt32BE((seconds + NTP_EPOCH_OFFSET_S) % 2 ** 32, 8);
  packet.writeUInt32BE(fraction, 12);
  packet.writeUInt32BE(report.rtpTimestamp, 16);
  packet.writeUInt32BE(report.packetCount % 2 ** 32, 20);
  packet.writeUInt32BE(report.octetCount % 2 ** 32, 24);
  return Buffer.concat([packet, encodeSource(report.ssrc, report.cname)]);
}

function encodeSource(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname, "utf8").subarray(0, 255);
  // At least one zero ends the list of items, and more fill the last word.
  const itemBytes = Math.ceil((2 + name.length + 1) / 4) * 4;
  const packet = Buffer.alloc(8 + itemBytes);
  packet[0] = 0x81; // one source
  packet[1] = SOURCE_DESCRIPTION;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
  packet[8] = CNAME;
  packet[9] = name.length;
  name.copy(packet, 10);
  return packet;
}
