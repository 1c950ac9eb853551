import type { BrainClient, BrainReply } from "./brain-client.ts";

/** Longer than for events: a picture of 1 MB over 1 Mbit/s takes 8 s. */
const TIMEOUT_MS = 20_000;

/** `PUT /v1/evidence/{sha256}`, for pictures of events and of orders alike. */
export async function putPicture(
  client: BrainClient,
  sha256: string,
  jpeg: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<BrainReply> {
  return client.send({
    method: "PUT",
    path: `v1/evidence/${sha256}`,
    contentType: "image/jpeg",
    body: jpeg,
    // The brain checks that the body's hash is this one.
    signed: sha256,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
}
