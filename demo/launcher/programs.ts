/** The processes of the demonstration: how each is started and known to be ready. */
import path from "node:path";
import type { ConfigurationFiles, Ports } from "./configuration.ts";
import { DEMO_MOUNTS } from "./scene.ts";
import type { ChildSpec } from "./supervised.ts";

/** Files that are run, relative to the project. */
export interface Entries {
  readonly cameraServer: string;
  readonly department: string;
  readonly brain: string;
  readonly edge: string;
}

export const ENTRIES: Entries = {
  cameraServer: "demo/camera-server/main.ts",
  department: "demo/department/main.ts",
  brain: "brain/main.ts",
  edge: "edge/main.ts",
};

export interface ProgramOptions {
  readonly project: string;
  readonly entries: Entries;
  readonly env: NodeJS.ProcessEnv;
  readonly files: ConfigurationFiles;
  readonly ports: Ports;
  /** The demonstration footage. */
  readonly footage: string;
}

const SHORT_MS = 30_000;
/** The first start makes the database; the edge node may have a model to load and to warm up. */
const LONG_MS = 90_000;

/** The environment may name an address for a brain; here the launcher's options do. */
function withoutAddress(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, HOST: undefined, PORT: undefined };
}

function program(
  { project, env }: ProgramOptions,
  entry: string,
  args: readonly string[],
  rest: Pick<ChildSpec, "name" | "endsGroup" | "readyWithinMs" | "readyLine">,
): ChildSpec {
  return {
    ...rest,
    command: process.execPath,
    args: ["--import", "tsx", path.resolve(project, entry), ...args],
    cwd: project,
    env: withoutAddress(env),
  };
}

export function cameraServerOf(options: ProgramOptions): ChildSpec {
  return program(
    options,
    options.entries.cameraServer,
    [
      ...["--port", String(options.ports.rtsp), "--report", "--exit-with-stdin"],
      ...DEMO_MOUNTS.flatMap(({ mount, startS }) => ["--start", `${mount}=${String(startS)}`]),
      ...DEMO_MOUNTS.map(({ mount }) => `${mount}=${options.footage}`),
    ],
    {
      name: "camera-server",
      endsGroup: true,
      readyWithinMs: SHORT_MS,
      readyLine: (line) => line.includes('"kind":"listening"'),
    },
  );
}

export function departmentOf(options: ProgramOptions): ChildSpec {
  return program(options, options.entries.department, ["--config", options.files.department], {
    name: "department",
    endsGroup: true,
    readyWithinMs: SHORT_MS,
  });
}

export function brainOf(options: ProgramOptions): ChildSpec {
  return program(options, options.entries.brain, ["--config", options.files.brain], {
    name: "brain",
    // Its PostgreSQL is not to be ended with it: the next brain takes it over.
    endsGroup: false,
    readyWithinMs: LONG_MS,
  });
}

export function edgeOf(options: ProgramOptions): ChildSpec {
  return program(options, options.entries.edge, ["--config", options.files.edge], {
    name: "edge",
    endsGroup: true,
    readyWithinMs: LONG_MS,
  });
}
