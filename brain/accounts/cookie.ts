import type { FastifyReply } from "fastify";
import type { EpochMs } from "../../protocol/index.ts";

/** How a session reaches the browser; made by the door, which reads it again. */
export interface SessionCookieWriter {
  set(reply: FastifyReply, token: string, expiresAt: EpochMs): void;
}
