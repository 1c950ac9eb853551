/** The session description (RFC 8866, RFC 6184 §8.2) that answers DESCRIBE. */
import type { Clip } from "./clip.ts";
import { TICKS_PER_SECOND } from "./clip.ts";
import { RTP_PAYLOAD_TYPE } from "./rtp-packetiser.ts";

/** The control name of the one video track, relative to the mount's URL. */
export const TRACK = "trackID=0";

/** `address` is the server's own, as the client reached it. */
export function describeClip(name: string, clip: Clip, address: string): string {
  const family = address.includes(":") ? "IP6" : "IP4";
  const anyAddress = family === "IP6" ? "::" : "0.0.0.0";
  const profile = clip.sps.subarray(1, 4).toString("hex").toUpperCase();
  const sets = [clip.sps, clip.pps].map((set) => set.toString("base64")).join(",");
  const frameRate = (clip.units.length * TICKS_PER_SECOND) / clip.durationTicks;
  const payload = String(RTP_PAYLOAD_TYPE);
  return [
    "v=0",
    `o=- 1 1 IN ${family} ${address}`,
    `s=${name}`,
    `c=IN ${family} ${anyAddress}`,
    "t=0 0",
    "a=range:npt=now-",
    "a=control:*",
    `m=video 0 RTP/AVP ${payload}`,
    `a=rtpmap:${payload} H264/${String(TICKS_PER_SECOND)}`,
    `a=fmtp:${payload} packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sets}`,
    `a=framerate:${frameRate.toFixed(3)}`,
    `a=framesize:${payload} ${String(clip.widthPx)}-${String(clip.heightPx)}`,
    `a=control:${TRACK}`,
    "",
  ].join("\r\n");
}
