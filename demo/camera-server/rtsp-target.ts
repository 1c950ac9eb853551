/** What a request's URI points at. */
import { TRACK } from "./sdp.ts";

export type RtspTarget =
  /** The server itself: `*` or a URL without a path. */
  | { readonly kind: "server" }
  | { readonly kind: "mount"; readonly name: string; readonly isTrack: boolean }
  | { readonly kind: "unknown" };

/** Names a mount may have: one path segment that needs no escaping. */
export const MOUNT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** `rtsp://host[:port]/name[/trackID=0][?query]`; undefined when it is no RTSP URL at all. */
export function parseTarget(uri: string): RtspTarget | undefined {
  if (uri === "*") {
    return { kind: "server" };
  }
  const path = /^rtsp:\/\/[^/?#\s]+([^?#]*)/i.exec(uri)?.[1];
  if (path === undefined) {
    return undefined;
  }
  const [name, track, ...rest] = path.split("/").filter((segment) => segment !== "");
  if (name === undefined) {
    return { kind: "server" };
  }
  const isKnownTrack = track === undefined || track === TRACK;
  if (!MOUNT_NAME.test(name) || !isKnownTrack || rest.length > 0) {
    return { kind: "unknown" };
  }
  return { kind: "mount", name, isTrack: track !== undefined };
}
