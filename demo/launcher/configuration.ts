/**
 * Writes everything that the processes of the demonstration read: secrets (once) and
 * configurations (at every start). Each text has passed the schema it will be read with.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import {
  brainConfigSchema,
  directorySchema,
  edgeConfigSchema,
  loadEdgeConfig,
  parseYaml,
  type EdgeConfig,
} from "../../config/index.ts";
import { catalogue, PermanentError } from "../../protocol/index.ts";
import { departmentConfigSchema } from "../department/index.ts";
import type { LauncherOptions } from "./options.ts";
import { demoCameras, ownCamera } from "./scene.ts";

export const NODE_ID = "demo-node";
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** Bytes of a signing secret; the specification asks for 24 to 64. */
const SECRET_BYTES = 32;

export interface Ports {
  readonly brain: number;
  readonly department: number;
  readonly rtsp: number;
}

/** Paths of the files written. */
export interface ConfigurationFiles {
  readonly brain: string;
  readonly edge: string;
  readonly directory: string;
  readonly department: string;
  /** True when the demonstration camera is watched and so must be served. */
  readonly isDemoCameraUsed: boolean;
}

export function brainUrl(ports: Ports): string {
  return `http://127.0.0.1:${String(ports.brain)}`;
}

/** @throws PermanentError CONFIG_INVALID when `--config` does not fit this start */
export function writeConfiguration(options: LauncherOptions, ports: Ports): ConfigurationFiles {
  const { dataDir } = options;
  mkdirSync(path.join(dataDir, "secrets"), { recursive: true, mode: PRIVATE_FOLDER });
  const file = (name: string): string => path.join(dataDir, name);
  if (options.config === undefined) {
    writeYaml(file("edge.yaml"), edgeOf(options, ports), edgeConfigSchema, EDGE_NOTE);
    makeSecret(file(NODE_SECRET));
  }
  const edgeFile = options.config ?? file("edge.yaml");
  const edge = loadEdgeConfig(edgeFile);
  checkBrainUrl(edge, edgeFile, ports);
  makeSecret(edge.brain.secretFile);
  writeYaml(file("directory.yaml"), directoryOf(options, edge, ports), directorySchema);
  writeYaml(file("brain.yaml"), brainOf(ports), brainConfigSchema);
  writeYaml(file("department.yaml"), departmentOf(ports), departmentConfigSchema);
  departmentCodes().forEach((code) => makeSecret(file(endpointSecret(code))));
  return {
    brain: file("brain.yaml"),
    edge: edgeFile,
    directory: file("directory.yaml"),
    department: file("department.yaml"),
    isDemoCameraUsed: edge.cameras.some((camera) =>
      camera.source.startsWith(`rtsp://127.0.0.1:${String(ports.rtsp)}/`),
    ),
  };
}

const DEMO_TOWN = path.resolve(import.meta.dirname, "../town");
const NODE_SECRET = "secrets/node.secret";
const EDGE_NOTE = `# Written at every start. To change rules, zones or cameras, copy this file, edit the copy and
# start with \`npm start -- --config COPY\`. Coordinates are fractions of the picture, x right, y down.
`;

function endpointSecret(code: string): string {
  return `secrets/endpoint-${code}.secret`;
}

function departmentCodes(): readonly string[] {
  return catalogue.departments.map((department) => department.code);
}

function edgeOf(options: LauncherOptions, ports: Ports): object {
  return {
    node: { id: NODE_ID, dataDir: "edge" },
    brain: { url: brainUrl(ports), secretFile: NODE_SECRET },
    cameras: options.camera === undefined ? demoCameras(ports.rtsp) : [ownCamera(options.camera)],
  };
}

function directoryOf(options: LauncherOptions, edge: EdgeConfig, ports: Ports): object {
  return {
    nodes: [
      {
        id: edge.node.id,
        secretFile: edge.brain.secretFile,
        cameras: edge.cameras.map(({ id, name, purpose, location }) => ({
          ...{ id, name, location },
          siteType: "square",
          managingUnit: "Demonstration sub-district office",
          purposes: [purpose],
          retentionDays: 30,
          signPosted: true,
        })),
      },
    ],
    endpoints: options.hasDepartment
      ? departmentCodes().map((code) => ({
          department: code,
          url: `http://127.0.0.1:${String(ports.department)}/hooks/${code}`,
          secretFile: endpointSecret(code),
        }))
      : [],
  };
}

function brainOf(ports: Ports): object {
  return {
    server: { host: "127.0.0.1", port: ports.brain, publicUrl: brainUrl(ports) },
    database: { dataDir: "postgres" },
    evidence: { dir: "evidence" },
    security: { secretKeyFile: "secrets/brain.key" },
    directory: "directory.yaml",
    town: DEMO_TOWN,
  };
}

function departmentOf(ports: Ports): object {
  return {
    port: ports.department,
    dataDir: "department",
    brainUrl: brainUrl(ports),
    departments: departmentCodes().map((code) => ({ code, secretFile: endpointSecret(code) })),
  };
}

function checkBrainUrl(edge: EdgeConfig, file: string, ports: Ports): void {
  if (new URL(edge.brain.url).port !== String(ports.brain)) {
    throw new PermanentError("CONFIG_INVALID", "--config reports to another brain", {
      where: `brain.url of ${file}`,
      expected: brainUrl(ports),
      got: edge.brain.url,
    });
  }
}

type Schema = Parameters<typeof parseYaml>[2];

/** Checks, then puts the file in place at once. Others may not read it: a URL can hold a password. */
function writeYaml(file: string, content: object, schema: Schema, note = ""): void {
  const text = note + stringify(content, { aliasDuplicateObjects: false });
  parseYaml(text, file, schema);
  const draft = `${file}.part`;
  writeFileSync(draft, text, { mode: PRIVATE_FILE });
  chmodSync(draft, PRIVATE_FILE);
  renameSync(draft, file);
}

/** A new signing secret, unless there is one. */
export function makeSecret(file: string): void {
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString("base64")}\n`;
  try {
    writeFileSync(file, secret, { flag: "wx", mode: PRIVATE_FILE, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
  }
}
