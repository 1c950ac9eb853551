/** The command line of `npm start`. */
import { statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { PermanentError, redactUrl } from "../../protocol/index.ts";

export const USAGE = `Usage: npm start [-- options]

Runs the whole line on this machine: a camera, an edge node, the brain and a department.

  --camera SOURCE        your own camera (rtsp://user:password@host/path) or video file instead of
                         the demonstration footage
  --port PORT            port of the control room (default 8080)
  --department-port PORT port of the demonstration department (default: 8091, or any free one)
  --rtsp-port PORT       port of the demonstration camera (default: 8554, or any free one)
  --data-dir FOLDER      where everything is kept (default .data/demo)
  --config FILE          an edge configuration of your own, instead of the one that is written to
                         FOLDER/edge.yaml at every start
  --no-department        do not start the demonstration department; nothing is delivered
  --help                 this text
`;

export interface LauncherOptions {
  /** `rtsp://…` or an absolute path; absent for the demonstration footage. */
  readonly camera?: string;
  readonly port: number;
  /** Absent: a usual port if it is free, any other otherwise. */
  readonly departmentPort?: number;
  readonly rtspPort?: number;
  readonly dataDir: string;
  readonly config?: string;
  readonly hasDepartment: boolean;
}

/**
 * @param cwd what relative paths start at
 * @returns "help" when only the usage was asked for
 * @throws PermanentError CONFIG_INVALID or SOURCE_UNREADABLE in words for a person
 */
export function parseOptions(args: readonly string[], cwd: string): LauncherOptions | "help" {
  const values = readArguments(args);
  if (values.help) {
    return "help";
  }
  const optional = <Key extends string, Value>(
    key: Key,
    text: string | undefined,
    read: (text: string) => Value,
  ): Partial<Record<Key, Value>> =>
    text === undefined ? {} : ({ [key]: read(text) } as Record<Key, Value>);
  return {
    ...optional("camera", values.camera, (text) => readSource(text, cwd)),
    port: readPort("--port", values.port),
    ...optional("departmentPort", values["department-port"], (text) =>
      readPort("--department-port", text),
    ),
    ...optional("rtspPort", values["rtsp-port"], (text) => readPort("--rtsp-port", text)),
    dataDir: path.resolve(cwd, values["data-dir"]),
    ...optional("config", values.config, (text) => readFileName("--config", text, cwd)),
    hasDepartment: !values["no-department"],
  };
}

interface Arguments {
  readonly camera?: string;
  readonly port: string;
  readonly "department-port"?: string;
  readonly "rtsp-port"?: string;
  readonly "data-dir": string;
  readonly config?: string;
  readonly "no-department": boolean;
  readonly help: boolean;
}

function readArguments(args: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        camera: { type: "string" },
        port: { type: "string", default: "8080" },
        "department-port": { type: "string" },
        "rtsp-port": { type: "string" },
        "data-dir": { type: "string", default: ".data/demo" },
        config: { type: "string" },
        "no-department": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error)).split(". To ")[0];
    throw new PermanentError(
      "CONFIG_INVALID",
      `${message ?? ""} (npm start -- --help lists the options)`,
      {},
      error,
    );
  }
}

function readPort(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) {
    throw new PermanentError("CONFIG_INVALID", `${option} is not a port`, {
      expected: "a number from 1 to 65535",
      got: text,
    });
  }
  return port;
}

/** A stream's URL, checked, or the absolute path of a file that is there. */
function readSource(text: string, cwd: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return readFileName("--camera", text, cwd);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rtsps?:$/.test(url.protocol) || url.hostname === "") {
    throw new PermanentError("CONFIG_INVALID", "--camera is not a camera's address", {
      expected: "rtsp://host/path, or the path of a video file",
      got: redactUrl(text),
    });
  }
  return text;
}

function readFileName(option: string, text: string, cwd: string): string {
  const file = path.resolve(cwd, text);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) {
    throw new PermanentError("SOURCE_UNREADABLE", `${option} names a file that is not there`, {
      expected: "an existing file",
      got: stat === undefined ? "nothing" : "a folder or device",
      where: file,
    });
  }
  return file;
}
