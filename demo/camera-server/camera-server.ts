/** Serves video files as live RTSP cameras. */
import { randomInt } from "node:crypto";
import { setMaxListeners } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { PermanentError, systemClock } from "../../protocol/index.ts";
import type { Clock, EpochMs } from "../../protocol/index.ts";
import { ClipLibrary } from "./clip-library.ts";
import type { TranscodeProgress } from "./clip-library.ts";
import type { Credentials } from "./digest-auth.ts";
import { Mount } from "./mount.ts";
import type { ClientStarted, ClientStatus } from "./mount.ts";
import { RtspConnection } from "./rtsp-connection.ts";
import type { ConnectionLimits } from "./rtsp-connection.ts";
import { MOUNT_NAME } from "./rtsp-target.ts";

export interface CameraServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Mount name → video file. */
  readonly mounts: Readonly<Record<string, string>>;
  /** Mount name → seconds into its video at which it begins; default 0. */
  readonly startsS?: Readonly<Record<string, number>>;
  readonly clock?: Clock;
  readonly credentials?: Credentials;
  /** Ends the server. */
  readonly signal: AbortSignal;
  /** Default `ffmpeg`, found in PATH. */
  readonly ffmpegPath?: string;
  /** Where files are kept that had to be transcoded; default DEFAULT_CACHE_FOLDER. */
  readonly cacheFolder?: string;
  readonly limits?: Partial<ConnectionLimits>;
  readonly onProgress?: (progress: TranscodeProgress) => void;
  readonly onClientStarted?: (event: ClientStarted) => void;
}

/** Methods that take a mount's name throw NOT_FOUND for one there is not. */
export interface CameraServer {
  readonly port: number;
  /** Resolves when everything is closed, rejects when a mount failed. */
  readonly closed: Promise<void>;
  /** `rtsp://host:port/name`, without credentials. */
  url(name: string): string;
  clients(name: string): readonly ClientStatus[];
  /** When the frame with this RTP timestamp was due; for frames of the last hours. */
  wallTimeOf(name: string, rtpTimestamp: number): EpochMs;
  /** The camera hangs: clients stay connected, are answered, and get no data. */
  pause(name: string): void;
  resume(name: string): void;
  /** Drops the connections of all the mount's clients; gives their number. */
  cut(name: string): number;
  /** Damages the next `packets` RTP packets of each of the mount's clients. */
  garble(name: string, packets: number): void;
  /** Loads another clip, which is shown from the next loop on. */
  resize(name: string, path: string): Promise<void>;
  close(): Promise<void>;
}

export const DEFAULT_CACHE_FOLDER = join(".cache", "camera-server");

const DEFAULT_LIMITS: ConnectionLimits = {
  sessionTimeoutMs: 60_000,
  // Two seconds of a 4 Mbit/s stream: whoever is further behind wants the present instead.
  maxQueuedBytes: 1_024 * 1_024,
  maxUnsentBytes: 8 * 1_024 * 1_024,
};

/** A test of many cameras has some clients for each; what is more is a mistake. */
const MAX_CONNECTIONS = 512;

/**
 * Throws PORT_IN_USE for an occupied port, CONFIG_INVALID for a bad mount name or host,
 * SOURCE_UNREADABLE for what is no video, DECODER_MISSING without FFmpeg.
 */
export async function startCameraServer(options: CameraServerOptions): Promise<CameraServer> {
  checkMountNames(options.mounts);
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  setMaxListeners(0, signal); // Every mount waits on it, and there may be many.
  const library = new ClipLibrary({
    ffmpegPath: options.ffmpegPath ?? "ffmpeg",
    cacheFolder: options.cacheFolder ?? DEFAULT_CACHE_FOLDER,
    signal,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  const mounts = await loadMounts(options, library);
  const connections = new Set<RtspConnection>();
  const server = createServer();
  server.maxConnections = MAX_CONNECTIONS;
  acceptConnections(server, { options, mounts, connections });
  const host = options.host ?? "127.0.0.1";
  const port = await listen(server, host, options.port, signal);

  const close = async (): Promise<void> => {
    ended.abort();
    const isClosed = new Promise((resolve) => server.close(resolve));
    for (const connection of connections) {
      connection.destroy();
    }
    await isClosed;
  };
  const running = Promise.all([...mounts.values()].map((mount) => mount.run(signal)));
  const closed = running.finally(close).then(() => undefined);
  // Who does not look at `closed` sees a failure when closing.
  closed.catch(() => undefined);
  return {
    port,
    closed,
    ...controls(mounts, connections, library),
    url: (name) => `rtsp://${reachable(host)}:${String(port)}/${find(mounts, name).name}`,
    close: async () => {
      ended.abort();
      await closed;
    },
  };
}

async function loadMounts(
  options: CameraServerOptions,
  library: ClipLibrary,
): Promise<ReadonlyMap<string, Mount>> {
  const { clock = systemClock, startsS = {}, onClientStarted } = options;
  const clips = new Map<string, Awaited<ReturnType<ClipLibrary["load"]>>>();
  for (const [name, path] of Object.entries(options.mounts)) {
    // One after the other: a transcode takes all cores by itself.
    clips.set(name, await library.load(path));
  }
  const mounts = [...clips].map(
    ([name, clip]) =>
      new Mount({
        name,
        clip,
        clock,
        firstTimestamp: randomInt(2 ** 32),
        startMs: (startsS[name] ?? 0) * 1000,
        ...(onClientStarted === undefined ? {} : { onClientStarted }),
      }),
  );
  return new Map(mounts.map((mount) => [mount.name, mount]));
}

interface Acceptance {
  readonly options: CameraServerOptions;
  readonly mounts: ReadonlyMap<string, Mount>;
  readonly connections: Set<RtspConnection>;
}

function acceptConnections(server: Server, { options, mounts, connections }: Acceptance): void {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { credentials } = options;
  let client = 0;
  server.on("connection", (socket) => {
    client += 1;
    const connection = new RtspConnection({ socket, mounts, credentials, limits, client });
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
  });
}

function controls(
  mounts: ReadonlyMap<string, Mount>,
  connections: ReadonlySet<RtspConnection>,
  library: ClipLibrary,
): Omit<CameraServer, "port" | "closed" | "url" | "close"> {
  return {
    clients: (name) => find(mounts, name).clients,
    wallTimeOf: (name, rtpTimestamp) => find(mounts, name).wallTimeOf(rtpTimestamp),
    pause: (name) => {
      find(mounts, name).pause();
    },
    resume: (name) => {
      find(mounts, name).resume();
    },
    cut: (name) => {
      const mount = find(mounts, name);
      const victims = [...connections].filter((connection) => connection.mount === mount);
      for (const victim of victims) {
        victim.destroy();
      }
      return victims.length;
    },
    garble: (name, packets) => {
      find(mounts, name).garble(packets);
    },
    resize: async (name, path) => {
      const mount = find(mounts, name);
      mount.switchAtSeam(await library.load(path));
    },
  };
}

function find(mounts: ReadonlyMap<string, Mount>, name: string): Mount {
  const mount = mounts.get(name);
  if (mount === undefined) {
    throw new PermanentError("NOT_FOUND", "The camera server has no such mount", {
      expected: [...mounts.keys()].join(", "),
      got: name,
    });
  }
  return mount;
}

function checkMountNames(mounts: Readonly<Record<string, string>>): void {
  const names = Object.keys(mounts);
  const wrong = names.find((name) => !MOUNT_NAME.test(name));
  if (names.length === 0 || wrong !== undefined) {
    throw new PermanentError("CONFIG_INVALID", "A camera server needs named video files", {
      expected: "at least one name of letters, digits, dots, dashes and underscores",
      got: wrong === undefined ? "no mount" : JSON.stringify(wrong),
    });
  }
}

function listen(server: Server, host: string, port: number, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // Stays: a later error is a connection that could not be accepted, and the rest go on.
    server.on("error", (error: NodeJS.ErrnoException) => {
      reject(listenError(error, host, port));
    });
    server.listen({ host, port }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): PermanentError {
  const where = `${host}:${String(port)}`;
  return error.code === "EADDRINUSE"
    ? new PermanentError(
        "PORT_IN_USE",
        `Port ${String(port)} is taken by another program`,
        { where, expected: "a free port: stop that program or choose another with --port" },
        error,
      )
    : new PermanentError(
        "CONFIG_INVALID",
        "The camera server cannot listen there",
        { where, got: error.code ?? error.message },
        error,
      );
}

/** A server that listens everywhere is reached on the loopback. */
function reachable(host: string): string {
  const address = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return address.includes(":") ? `[${address}]` : address;
}
