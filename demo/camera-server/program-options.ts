/** The command line of the camera server. */
import { parseArgs } from "node:util";
import { PermanentError } from "../../protocol/index.ts";
import type { CameraServerOptions } from "./camera-server.ts";
import type { Credentials } from "./digest-auth.ts";

export const USAGE = `Usage: npm run camera-server -- [options] name=path [name=path …]

Serves video files as live cameras at rtsp://HOST:PORT/name, in an endless loop.

  --port PORT             TCP port, 0 for any free one (default 8554)
  --host ADDRESS          address to listen on (default 127.0.0.1)
  --start name=SECONDS    where in its video a camera begins (default 0); may be given for each
  --credentials USER:PASS ask clients for Digest authentication
  --cache FOLDER          where transcoded files are kept (default .cache/camera-server)
  --ffmpeg PATH           the FFmpeg to use (default ffmpeg)
  --report                one JSON line on stdout when listening and for every client's first frame
  --exit-with-stdin       end when standard input ends, as it does with the program that started this
  --help                  this text
`;

export interface ProgramOptions {
  readonly server: Pick<
    CameraServerOptions,
    "port" | "host" | "mounts" | "startsS" | "credentials" | "cacheFolder" | "ffmpegPath"
  >;
  readonly isReporting: boolean;
  readonly isEndedByStdin: boolean;
  readonly isHelp: boolean;
}

const DEFAULT_PORT = "8554";

/** Throws CONFIG_INVALID for what it does not understand. */
export function parseProgramOptions(args: readonly string[]): ProgramOptions {
  const { values, positionals } = readArguments(args);
  const { credentials, cache, ffmpeg } = values;
  return {
    server: {
      port: parsePort(values.port),
      host: values.host,
      mounts: parseMounts(positionals),
      startsS: parseStarts(values.start),
      ...(credentials === undefined ? {} : { credentials: parseCredentials(credentials) }),
      ...(cache === undefined ? {} : { cacheFolder: cache }),
      ...(ffmpeg === undefined ? {} : { ffmpegPath: ffmpeg }),
    },
    isReporting: values.report,
    isEndedByStdin: values["exit-with-stdin"],
    isHelp: values.help,
  };
}

// The type of the result follows from the options, so it is left to be inferred.
function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: true,
      options: {
        port: { type: "string", default: DEFAULT_PORT },
        host: { type: "string", default: "127.0.0.1" },
        start: { type: "string", multiple: true, default: [] },
        credentials: { type: "string" },
        cache: { type: "string" },
        ffmpeg: { type: "string" },
        report: { type: "boolean", default: false },
        "exit-with-stdin": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new PermanentError("CONFIG_INVALID", message, { expected: "see --help" }, error);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new PermanentError("CONFIG_INVALID", "The port is not valid", {
      where: "--port",
      expected: "a number from 0 to 65535",
      got: text,
    });
  }
  return port;
}

function parseMounts(positionals: readonly string[]): Readonly<Record<string, string>> {
  const mounts = new Map<string, string>();
  for (const positional of positionals) {
    const [, name, path] = /^([^=]+)=(.+)$/.exec(positional) ?? [];
    if (name === undefined || path === undefined || mounts.has(name)) {
      throw new PermanentError("CONFIG_INVALID", "A camera is not valid", {
        expected: "name=path, each name once",
        got: positional,
      });
    }
    mounts.set(name, path);
  }
  return Object.fromEntries(mounts);
}

function parseStarts(texts: readonly string[]): Readonly<Record<string, number>> {
  const starts = texts.map((text) => {
    const [, name, seconds] = /^([^=]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
    if (name === undefined) {
      throw new PermanentError("CONFIG_INVALID", "A camera's start is not valid", {
        where: "--start",
        expected: "name=SECONDS",
        got: text,
      });
    }
    return [name, Number(seconds)] as const;
  });
  return Object.fromEntries(starts);
}

function parseCredentials(text: string): Credentials {
  const [, username, password] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (username === undefined || password === undefined) {
    throw new PermanentError("CONFIG_INVALID", "The credentials are not valid", {
      where: "--credentials",
      expected: "USER:PASS",
    });
  }
  return { username, password };
}
