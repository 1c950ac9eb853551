/** The demonstration department, put together. */
import { readFile } from "node:fs/promises";
import { PermanentError, type Clock } from "../../protocol/index.ts";
import { Acknowledger } from "./acknowledger.ts";
import type { DepartmentConfig } from "./config.ts";
import { Ledger } from "./ledger.ts";
import { startDepartmentServer } from "./server.ts";
import type { PostJson } from "./signed-post.ts";

export interface Department {
  readonly url: string;
  close(): Promise<void>;
}

export interface DepartmentSurroundings {
  readonly clock: Clock;
  readonly post: PostJson;
  readonly log: (message: string) => void;
}

export async function startDepartment(
  config: DepartmentConfig,
  { clock, post, log }: DepartmentSurroundings,
): Promise<Department> {
  const secrets = new Map(
    await Promise.all(
      config.departments.map(
        async ({ code, secretFile }) => [code as string, await readSecret(secretFile)] as const,
      ),
    ),
  );
  const ledger = await Ledger.open(config.dataDir);
  const acknowledger = new Acknowledger({
    ledger,
    clock,
    post,
    secrets,
    thinkMs: config.thinkMs,
    log,
  });
  const { host, port, maxPending, brainUrl } = config;
  const server = await startDepartmentServer({
    ...{ host, port, maxPending, brainUrl, clock, ledger, acknowledger, secrets, log },
  }).catch(async (error: unknown) => {
    await ledger.end();
    throw error;
  });
  acknowledger.resume();
  return {
    url: server.url,
    close: async () => {
      await server.close();
      await acknowledger.close();
      await ledger.end();
    },
  };
}

async function readSecret(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new PermanentError(
      "CONFIG_INVALID",
      "A secret cannot be read",
      { where: file, expected: "a file with whsec_…" },
      error,
    );
  });
  const secret = text.trim();
  if (!/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret)) {
    throw new PermanentError("CONFIG_INVALID", "A secret is malformed", {
      where: file,
      expected: "whsec_ and at least 24 bytes in base64",
    });
  }
  return secret;
}
