/** Answers one client's requests: the RTSP state machine (RFC 2326 §A.1), without its socket. */
import { randomBytes } from "node:crypto";
import { challenge, isAuthorised, parseDigest } from "./digest-auth.ts";
import type { Credentials } from "./digest-auth.ts";
import type { MediaSink } from "./media-sink.ts";
import type { Mount } from "./mount.ts";
import type { RtspRequest } from "./rtsp-request.ts";
import type { RtspResponse } from "./rtsp-response.ts";
import { RtspSession } from "./rtsp-session.ts";
import { parseTarget } from "./rtsp-target.ts";
import type { RtspTarget } from "./rtsp-target.ts";
import { chooseTransport } from "./rtsp-transport.ts";
import type { TransportOffer } from "./rtsp-transport.ts";
import { describeClip, TRACK } from "./sdp.ts";

export interface RtspDialogueOptions {
  readonly mounts: ReadonlyMap<string, Mount>;
  readonly credentials: Credentials | undefined;
  readonly sessionTimeoutMs: number;
  readonly maxQueuedBytes: number;
  readonly client: number;
  /** Host and port of the client. */
  readonly clientAddress: string;
  /** The server's own address, as the client reached it. */
  readonly localAddress: string;
  /** Opens the way of the packets; undefined when the client has left in the meantime. */
  readonly openSink: (offer: TransportOffer) => Promise<MediaSink | undefined>;
}

export interface RtspAnswer extends RtspResponse {
  /** To be done once the answer is on its way. */
  readonly afterwards?: () => void;
}

const METHODS = [
  "OPTIONS",
  "DESCRIBE",
  "SETUP",
  "PLAY",
  "PAUSE",
  "GET_PARAMETER",
  "SET_PARAMETER",
  "TEARDOWN",
] as const;
type Method = (typeof METHODS)[number];

/** Known to RTSP and not to a camera. */
const METHODS_REFUSED: ReadonlySet<string> = new Set(["ANNOUNCE", "RECORD", "REDIRECT"]);

const PUBLIC = METHODS.join(", ");

export class RtspDialogue {
  readonly #options: RtspDialogueOptions;
  readonly #nonce = randomBytes(16).toString("hex");
  #session: RtspSession | undefined;

  constructor(options: RtspDialogueOptions) {
    this.#options = options;
  }

  /** The mount that this client has set up. */
  get mount(): Mount | undefined {
    return this.#session?.mount;
  }

  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  async answer(request: RtspRequest): Promise<RtspAnswer> {
    if (request.version !== "RTSP/1.0") {
      return { status: 505 };
    }
    if (cseqOf(request) === undefined) {
      return { status: 400 };
    }
    const required = request.headers.get("require");
    if (required !== undefined) {
      return { status: 551, headers: { Unsupported: required } };
    }
    if (METHODS_REFUSED.has(request.method)) {
      return { status: 405, headers: { Allow: PUBLIC } };
    }
    if (!isMethod(request.method)) {
      return { status: 501, headers: { Allow: PUBLIC } };
    }
    const target = parseTarget(request.uri);
    if (target === undefined) {
      return { status: 400 };
    }
    if (request.method === "OPTIONS") {
      return { status: 200, headers: { Public: PUBLIC } };
    }
    if (!this.#isAllowed(request, target)) {
      return { status: 401, headers: { "WWW-Authenticate": challenge(this.#nonce) } };
    }
    return this.#dispatch(request.method, request, target);
  }

  async #dispatch(
    method: Exclude<Method, "OPTIONS">,
    request: RtspRequest,
    target: RtspTarget,
  ): Promise<RtspAnswer> {
    const isAboutServer = target.kind === "server";
    if (isAboutServer && (method === "GET_PARAMETER" || method === "SET_PARAMETER")) {
      return this.#keepAlive(request);
    }
    const mount = target.kind === "mount" ? this.#options.mounts.get(target.name) : undefined;
    if (mount === undefined) {
      return { status: 404 };
    }
    switch (method) {
      case "DESCRIBE":
        return this.#describe(request, mount);
      case "SETUP":
        return this.#setup(request, mount);
      case "PLAY":
        return this.#withSession(request, mount, (session) => playAnswer(request, session));
      case "PAUSE":
        return this.#withSession(request, mount, (session) => {
          session.pause();
          return { status: 200, headers: { Session: session.id } };
        });
      case "TEARDOWN":
        return this.#withSession(request, mount, (session) => {
          this.close();
          return { status: 200, headers: { Session: session.id } };
        });
      case "GET_PARAMETER":
      case "SET_PARAMETER":
        return this.#keepAlive(request);
    }
  }

  #isAllowed(request: RtspRequest, target: RtspTarget): boolean {
    const { credentials } = this.#options;
    if (credentials === undefined) {
      return true;
    }
    const { method } = request;
    const header = request.headers.get("authorization");
    const signedUri = parseDigest(header ?? "")?.get("uri") ?? "";
    const isSameMount = nameOf(parseTarget(signedUri)) === nameOf(target);
    return isSameMount && isAuthorised({ method, header, nonce: this.#nonce, credentials });
  }

  #describe(request: RtspRequest, mount: Mount): RtspAnswer {
    return {
      status: 200,
      headers: { "Content-Base": `${baseUrl(request.uri)}/`, "Content-Type": "application/sdp" },
      body: describeClip(mount.name, mount.clip, this.#options.localAddress),
    };
  }

  async #setup(request: RtspRequest, mount: Mount): Promise<RtspAnswer> {
    const given = sessionIdOf(request);
    if (given !== undefined && given !== this.#session?.id) {
      return { status: 454 };
    }
    if (this.#session?.isPlaying === true) {
      return { status: 455, headers: { Allow: PUBLIC } };
    }
    const header = request.headers.get("transport");
    if (header === undefined) {
      return { status: 400 };
    }
    const offer = chooseTransport(header);
    if (offer === undefined) {
      return { status: 461 };
    }
    const sink = await this.#options.openSink(offer);
    if (sink === undefined) {
      return { status: 500 };
    }
    this.close();
    const { client, clientAddress, maxQueuedBytes, sessionTimeoutMs } = this.#options;
    const userAgent = request.headers.get("user-agent") ?? "";
    const id = given ?? randomBytes(8).toString("hex");
    const identity = { client, address: clientAddress, userAgent };
    const session = new RtspSession({ id, mount, sink, identity, maxQueuedBytes });
    this.#session = session;
    const ssrc = session.stream.ssrc.toString(16).toUpperCase().padStart(8, "0");
    return {
      status: 200,
      headers: {
        Transport: `${sink.transportReply};ssrc=${ssrc}`,
        Session: `${id};timeout=${String(Math.ceil(sessionTimeoutMs / 1000))}`,
      },
    };
  }

  #keepAlive(request: RtspRequest): RtspAnswer {
    const given = sessionIdOf(request);
    if (given === undefined) {
      return { status: 200 };
    }
    return given === this.#session?.id
      ? { status: 200, headers: { Session: given } }
      : { status: 454 };
  }

  #withSession(
    request: RtspRequest,
    mount: Mount,
    act: (session: RtspSession) => RtspAnswer,
  ): RtspAnswer {
    const given = sessionIdOf(request);
    const session = this.#session;
    if (given !== session?.id) {
      return { status: 454 };
    }
    // Neither set up nor claimed to be, or set up for another camera.
    return session?.mount === mount ? act(session) : { status: 455, headers: { Allow: PUBLIC } };
  }
}

function playAnswer(request: RtspRequest, session: RtspSession): RtspAnswer {
  const url = `${baseUrl(request.uri)}/${TRACK}`;
  const seq = String(session.stream.nextSequence);
  const rtptime = String(session.mount.nextKeyTimestamp);
  return {
    status: 200,
    headers: {
      Session: session.id,
      Range: "npt=now-",
      "RTP-Info": `url=${url};seq=${seq};rtptime=${rtptime}`,
    },
    afterwards: () => {
      session.play();
    },
  };
}

/** Undefined when it is missing or not a number. */
export function cseqOf(request: RtspRequest): string | undefined {
  const cseq = request.headers.get("cseq") ?? "";
  return /^\d{1,10}$/.test(cseq) ? cseq : undefined;
}

function sessionIdOf(request: RtspRequest): string | undefined {
  return request.headers.get("session")?.split(";")[0]?.trim();
}

function nameOf(target: RtspTarget | undefined): string {
  return target?.kind === "mount" ? target.name : "";
}

/** The mount's URL as the client wrote it, without track, query and last slash. */
function baseUrl(uri: string): string {
  const path = uri.replace(/[?#].*$/, "").replace(/\/+$/, "");
  return path.endsWith(`/${TRACK}`) ? path.slice(0, -TRACK.length - 1) : path;
}

function isMethod(method: string): method is Method {
  return (METHODS as readonly string[]).includes(method);
}
