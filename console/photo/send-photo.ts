/** Sends a photo of the work done, and says how far it is: `fetch` cannot tell that. */
import type { AfterPictureAnswer, Problem } from "../../protocol/index.ts";
import { ApiError } from "../model/api.ts";

export interface PhotoOrder {
  readonly caseId: string;
  readonly photo: Blob;
  /** When it was taken, by the phone's clock. */
  readonly takenAt: string;
  /** 0–1 of its bytes. */
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

/** A phone on the edge of its network needs its time. */
const ANSWER_TIMEOUT_MS = 60_000;

/** @throws ApiError; sending the same photo again is harmless. */
export function sendPhoto(order: PhotoOrder): Promise<AfterPictureAnswer> {
  const { caseId, photo, takenAt, onProgress, signal } = order;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const leave = (): void => request.abort();
    const settle = (): void => signal.removeEventListener("abort", leave);
    const fail = (): void => {
      settle();
      reject(new ApiError("unreachable", null, null));
    };
    const address = `/v1/cases/${encodeURIComponent(caseId)}/evidence`;
    request.open("POST", `${address}?takenAt=${encodeURIComponent(takenAt)}`);
    request.setRequestHeader("content-type", "image/jpeg");
    request.responseType = "json";
    request.timeout = ANSWER_TIMEOUT_MS;
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onerror = fail;
    request.ontimeout = fail;
    request.onabort = fail;
    request.onload = () => {
      settle();
      const answer: unknown = request.response;
      if (request.status === 200) {
        resolve(answer as AfterPictureAnswer);
        return;
      }
      const failure = request.status === 401 ? "signed-out" : "refused";
      reject(new ApiError(failure, request.status, answer as Problem | null));
    };
    signal.addEventListener("abort", leave, { once: true });
    request.send(photo);
  });
}
