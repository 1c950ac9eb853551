/** Who sent this request, proven by its signature. */
import { type Clock, type ErrorCode, PermanentError, SENDER_HEADER } from "../../protocol/index.ts";
import { isSignedBy } from "./signature.ts";

/** Older and younger requests are refused, as Standard Webhooks asks. */
export const SIGNATURE_TOLERANCE_S = 300;

export type SignatureHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface SenderKind {
  /** Words for messages, such as "node". */
  readonly what: string;
  readonly unknownCode: ErrorCode;
  /** More than one while a secret is being rotated; undefined or none: nobody knows the sender. */
  readonly findKeys: (sender: string) => readonly Buffer[] | undefined;
}

/**
 * Checks a request's signature and gives the sender's name as the header wrote it.
 *
 * @throws PermanentError SIGNATURE_MISSING, SIGNATURE_WRONG or the kind's unknown code.
 */
export function checkSender(
  kind: SenderKind,
  headers: SignatureHeaders,
  body: Buffer | string,
  clock: Clock,
): string {
  const sender = required(headers, SENDER_HEADER);
  const id = required(headers, "webhook-id");
  const timestampS = readTimestamp(required(headers, "webhook-timestamp"), clock);
  const signatures = required(headers, "webhook-signature");
  const keys = kind.findKeys(sender) ?? [];
  if (keys.length === 0) {
    throw new PermanentError(kind.unknownCode, `The ${kind.what} is not in the directory`, {
      where: SENDER_HEADER,
      expected: `a registered ${kind.what}`,
      got: sender.slice(0, 80),
    });
  }
  if (!keys.some((key) => isSignedBy(key, { id, timestampS, signatures, body }))) {
    throw new PermanentError("SIGNATURE_WRONG", "The signature does not fit the request", {
      where: "webhook-signature",
      expected: `a v1 signature of ${sender.slice(0, 80)} over id.timestamp.body`,
    });
  }
  return sender;
}

function required(headers: SignatureHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== "string" || value === "") {
    throw new PermanentError("SIGNATURE_MISSING", "The request is not signed", {
      where: name,
      expected: "the header to be present once",
      got: value === undefined ? "nothing" : "another form",
    });
  }
  return value;
}

function readTimestamp(text: string, clock: Clock): number {
  const timestampS = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  const nowS = Math.floor(clock.now() / 1000);
  if (!(Math.abs(nowS - timestampS) <= SIGNATURE_TOLERANCE_S)) {
    throw new PermanentError("SIGNATURE_WRONG", "The signature's time is out of range", {
      where: "webhook-timestamp",
      expected: `seconds within ${SIGNATURE_TOLERANCE_S} of ${nowS}`,
      got: text.slice(0, 20),
    });
  }
  return timestampS;
}
