/** `/v1/session/openid`: to the provider and back. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { AppError, PermanentError, problemSchema } from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import type { SessionCookieWriter } from "./cookie.ts";
import type { Journey, OpenIdClient } from "./open-id.ts";
import { type EnterInput, enterWithIdentity } from "./open-id-accounts.ts";
import { refused } from "./sign-in.ts";

const JOURNEY_COOKIE = "sesb_journey";
const JOURNEY_OWNER = "openid journey";
const PATH = "/v1/session/openid";
const TRIES = { max: 60, timeWindow: 60_000 };

export interface OpenIdRouteInput extends EnterInput {
  /** Undefined: no provider is configured. */
  readonly client: OpenIdClient | undefined;
  readonly cookie: SessionCookieWriter;
  /** The brain is reached over TLS. */
  readonly secure: boolean;
  readonly box: SealingBox;
}

export interface SealingBox {
  seal(secret: string, owner: string): string;
  open(sealed: string, owner: string): string;
}

export function openIdRoutes(input: OpenIdRouteInput): (app: FastifyInstance) => void {
  const { clock, box, secure, cookie } = input;
  // Lax: the browser comes back from the provider's page.
  const options = { path: PATH, httpOnly: true, sameSite: "lax", secure } as const;
  return (app) => {
    app.route({
      method: "GET",
      url: PATH,
      schema: {
        summary: "Sends the browser to the OpenID provider",
        tags: ["session"],
        response: { 302: z.null(), default: problemSchema },
      },
      config: { access: "open", rateLimit: TRIES },
      handler: async (_request, reply) => {
        const { url, journey } = await requireClient(input).start(clock.now());
        const sealed = box.seal(JSON.stringify(journey), JOURNEY_OWNER);
        const maxAge = Math.floor((journey.endsAt - clock.now()) / 1000);
        void reply.setCookie(JOURNEY_COOKIE, sealed, { ...options, maxAge });
        return leave(reply, url);
      },
    });
    app.route({
      method: "GET",
      url: `${PATH}/callback`,
      schema: {
        summary: "Where the OpenID provider sends the browser back to",
        tags: ["session"],
        response: { 302: z.null(), default: problemSchema },
      },
      config: { access: "open", rateLimit: TRIES },
      handler: async (request, reply) => {
        const client = requireClient(input);
        void reply.clearCookie(JOURNEY_COOKIE, options);
        const query = request.url.split("?")[1] ?? "";
        try {
          const journey = openJourney(box, request.cookies[JOURNEY_COOKIE]);
          const identity = await client.finish(query, journey, clock.now());
          const session = await enterWithIdentity(input, identity, request.ip);
          cookie.set(reply, session.token, session.expiresAt);
        } catch (error) {
          await noteRefusal(input, error, request.ip);
          if (error instanceof AppError && request.headers.accept?.includes("text/html") === true) {
            // A person reads the reason on the page, not as JSON.
            return leave(reply, `/?signIn=${error.code}`);
          }
          throw error;
        }
        return leave(reply, "/");
      },
    });
  };
}

function leave(reply: FastifyReply, url: string): FastifyReply {
  return reply.header("cache-control", "no-store").redirect(url, 302);
}

function requireClient({ client }: OpenIdRouteInput): OpenIdClient {
  if (client === undefined) {
    throw new PermanentError("NOT_FOUND", "No OpenID provider is configured", {
      where: "accounts.openId",
    });
  }
  return client;
}

function openJourney(box: SealingBox, sealed: string | undefined): Journey {
  if (sealed === undefined) {
    throw refused();
  }
  try {
    return JSON.parse(box.open(sealed, JOURNEY_OWNER)) as Journey;
  } catch {
    throw refused();
  }
}

async function noteRefusal(
  { db, clock }: OpenIdRouteInput,
  error: unknown,
  address: string,
): Promise<void> {
  if (!(error instanceof PermanentError)) {
    return;
  }
  await appendAudit(db, [
    {
      at: clock.now(),
      actor: "unknown",
      action: "session.open",
      subject: "session",
      outcome: "refused",
      address,
      facts: { by: "openid", code: error.code },
    },
  ]);
}
