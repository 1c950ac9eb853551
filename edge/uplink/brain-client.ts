/** One signed request to the brain: an answer of whatever status, or the reason for none. */
import { PermanentError, redactUrl } from "../../protocol/index.ts";
import type { Clock } from "../../protocol/index.ts";
import { Signer } from "./signing.ts";
import type { SignerOptions } from "./signing.ts";

/** More than 200 results with problems need; a stranger's page is cut off here. */
const MAX_ANSWER_BYTES = 1_048_576;
/** A longer Retry-After is taken for a mistake: the node asks again after this time. */
const MAX_RETRY_AFTER_MS = 300_000;

export interface BrainClientOptions extends SignerOptions {
  /** Address of the brain; `v1/…` is added. */
  readonly url: string;
}

export interface BrainRequest {
  readonly method: "POST" | "PUT";
  /** Path below the brain's address, without a leading slash. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** What is signed: see Signer.headers. */
  readonly signed: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type BrainReply =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: string;
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: "unreachable"; readonly code: string; readonly reason: string };

export class BrainClient {
  /** Address without credentials, for logs. */
  readonly where: string;
  readonly #base: URL;
  readonly #signer: Signer;
  readonly #clock: Clock;

  /** @throws PermanentError CONFIG_INVALID for a secret or an address that cannot be used. */
  constructor(options: BrainClientOptions) {
    this.where = redactUrl(options.url);
    const slash = options.url.endsWith("/") ? "" : "/";
    if (!URL.canParse(options.url + slash)) {
      throw unusable(this.where, "an http or https address");
    }
    this.#base = new URL(options.url + slash);
    if (this.#base.username !== "" || this.#base.password !== "") {
      throw unusable(this.where, "an address without user and password");
    }
    this.#signer = new Signer(options);
    this.#clock = options.clock;
  }

  /** @throws the signal's reason when it is aborted; every other failure is a reply. */
  async send(request: BrainRequest): Promise<BrainReply> {
    request.signal.throwIfAborted();
    // A controller of its own per request: AbortSignal.any would pile up on a long-lived signal.
    const exchange = new AbortController();
    const onAbort = (): void => exchange.abort(request.signal.reason);
    request.signal.addEventListener("abort", onAbort, { once: true });
    const timer = new AbortController();
    const timeout = Symbol("timeout");
    void this.#clock.wait(request.timeoutMs, timer.signal).then(
      () => exchange.abort(timeout),
      () => undefined, // The answer came in time.
    );
    try {
      return await this.#exchange(request, exchange.signal);
    } catch (error) {
      request.signal.throwIfAborted();
      return exchange.signal.reason === timeout
        ? { kind: "unreachable", code: "TIMEOUT", reason: noAnswer(request.timeoutMs) }
        : unreachable(error);
    } finally {
      timer.abort();
      request.signal.removeEventListener("abort", onAbort);
    }
  }

  async #exchange(request: BrainRequest, signal: AbortSignal): Promise<BrainReply> {
    const response = await fetch(new URL(request.path, this.#base), {
      method: request.method,
      headers: { "content-type": request.contentType, ...this.#signer.headers(request.signed) },
      body: request.body,
      // A redirect would carry the signed request to somebody else.
      redirect: "manual",
      signal,
    });
    return {
      kind: "answer",
      status: response.status,
      body: await readText(response),
      retryAfterMs: retryAfter(response.headers.get("retry-after"), this.#clock),
    };
  }
}

function unusable(where: string, expected: string): PermanentError {
  return new PermanentError("CONFIG_INVALID", "The brain's address cannot be used", {
    where: `brain.url ${where}`,
    expected,
  });
}

function noAnswer(timeoutMs: number): string {
  return `no answer within ${String(timeoutMs)} ms`;
}

function unreachable(error: unknown): BrainReply {
  // fetch wraps what happened on the wire: the cause carries its code.
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const { code, message } = cause as { code?: unknown; message?: unknown };
  const name = typeof code === "string" ? code : "NETWORK";
  const reason = typeof message === "string" && message !== "" ? message : name;
  return { kind: "unreachable", code: name, reason };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) {
      break; // Leaving the loop cancels the rest; what is here will not parse.
    }
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Seconds or an HTTP date, as RFC 9110 §10.2.3 says. */
function retryAfter(header: string | null, clock: Clock): number | undefined {
  if (header === null) {
    return undefined;
  }
  const delayMs = /^\d+$/.test(header.trim())
    ? Number(header) * 1000
    : Date.parse(header) - clock.now();
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(delayMs, 0), MAX_RETRY_AFTER_MS);
}
