/** Signs requests of the node to the brain to the Standard Webhooks specification. */
import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { PermanentError, SENDER_HEADER } from "../../protocol/index.ts";
import type { Clock } from "../../protocol/index.ts";

export interface SignerOptions {
  readonly nodeId: string;
  /** The node's secret, `whsec_…`; it never travels. */
  readonly secret: string;
  readonly clock: Clock;
  /** Id of a request; a fresh UUID unless a test says otherwise. */
  readonly newId?: () => string;
}

export class Signer {
  readonly #nodeId: string;
  readonly #webhook: Webhook;
  readonly #clock: Clock;
  readonly #newId: () => string;

  /** @throws PermanentError CONFIG_INVALID when the secret cannot be read as one. */
  constructor({ nodeId, secret, clock, newId = randomUUID }: SignerOptions) {
    this.#nodeId = nodeId;
    this.#clock = clock;
    this.#newId = newId;
    try {
      this.#webhook = new Webhook(secret.trim());
    } catch {
      // The cause is left out: its message might quote the secret.
      throw new PermanentError("CONFIG_INVALID", "The node's secret cannot be read", {
        where: "brain.secretFile",
        expected: "whsec_ and base64",
      });
    }
  }

  /**
   * Headers for one request. `content` is what the brain verifies: the raw body of a JSON request,
   * or the SHA-256 (hexadecimal) of a picture.
   */
  headers(content: string): Record<string, string> {
    const id = this.#newId();
    const at = new Date(this.#clock.now());
    return {
      [SENDER_HEADER]: this.#nodeId,
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": this.#webhook.sign(id, at, content),
    };
  }
}
