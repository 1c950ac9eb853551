import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import {
  EVENT_BATCH_CONTENT_TYPE,
  type IntakeAnswer,
  systemClock,
} from "../../../protocol/index.ts";
import { seeded } from "../../../bench/support/seeded.ts";
import { newSecret, signedHeaders } from "../../contract/brain/brain-bench.ts";
import { startDepartment } from "../../contract/brain/department.ts";
import { sampleEvent } from "../../contract/brain/sample-event.ts";
import { startTestPostgres } from "../../support/postgres.ts";

const MAIN = path.resolve(import.meta.dirname, "../../../brain/main.ts");
const KILLS = 8;
const BATCH = 5;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (let clean = cleanups.pop(); clean !== undefined; clean = cleanups.pop()) {
    await clean();
  }
});

interface RunningBrain {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startBrain(config: string, connectionString: string): Promise<RunningBrain> {
  const child = fork(MAIN, ["--config", config], {
    execArgv: ["--import", "tsx"],
    env: { ...process.env, DATABASE_URL: connectionString, LOG_LEVEL: "error" },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  cleanups.push(() => void child.kill("SIGKILL"));
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (message) => {
      resolve((message as { url: string }).url);
    });
    child.once("exit", (code) => {
      reject(new Error(`the brain ended with ${String(code)} before it was ready`));
    });
  });
  return { child, url };
}

/** Sends one batch until it is answered; undefined when the brain died over it. */
async function deliver(
  url: string,
  secret: string,
  events: readonly unknown[],
): Promise<IntakeAnswer | undefined> {
  const body = JSON.stringify(events);
  try {
    const response = await fetch(`${url}/v1/events`, {
      method: "POST",
      body,
      headers: {
        "content-type": EVENT_BATCH_CONTENT_TYPE,
        ...signedHeaders(body, { sender: "node-1", secret }),
      },
    });
    return response.ok ? ((await response.json()) as IntakeAnswer) : undefined;
  } catch {
    return undefined;
  }
}

describe("a brain that is killed again and again", () => {
  it("loses no event, and tells the department of every case under one id", async () => {
    const random = seeded(20_261_124);
    const [nodeSecret, endpointSecret] = [newSecret(), newSecret()];
    const postgres = await startTestPostgres({ migrated: true });
    cleanups.push(() => postgres.close());
    const police = await startDepartment(endpointSecret);
    cleanups.push(() => police.close());
    const dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-kill-"));
    cleanups.push(() => rm(dir, { recursive: true, force: true }));
    const config = await writeConfig(dir, police.url, nodeSecret, endpointSecret);
    const pool = new pg.Pool({ connectionString: postgres.connectionString, max: 2 });
    cleanups.push(() => pool.end());

    const accepted = new Set<string>();
    for (let kill = 0; kill <= KILLS; kill += 1) {
      const { child, url } = await startBrain(config, postgres.connectionString);
      const exited = new Promise((resolve) => child.once("exit", resolve));
      const life = { over: false };
      const killing =
        kill === KILLS
          ? Promise.resolve()
          : systemClock.wait(50 + random() * 400).then(() => {
              child.kill("SIGKILL");
            });
      void exited.then(() => {
        life.over = true;
      });
      for (let sent = 0; !life.over && (kill < KILLS || sent < 5); sent += 1) {
        const events = Array.from({ length: BATCH }, () => sampleEvent());
        const answer = await deliver(url, nodeSecret, events);
        answer?.results.forEach(({ id, outcome }) => {
          if (outcome === "accepted") {
            accepted.add(id as string);
          }
        });
      }
      await killing;
      if (kill < KILLS) {
        await exited;
      }
    }

    await settle(pool);
    const { rows } = await pool.query<{ id: string; case_id: string; delivery_id: string }>(
      `select event.id, case_file.id as case_id, delivery.id as delivery_id
       from event join incident_event on incident_event.event_id = event.id
       join case_file on case_file.incident_id = incident_event.incident_id
       join delivery on delivery.case_id = case_file.id`,
    );
    // No accepted event is lost, and each has one case with one delivery.
    const kept = new Set(rows.map(({ id }) => id));
    expect([...accepted].filter((id) => !kept.has(id))).toEqual([]);
    expect(accepted.size).toBeGreaterThan(KILLS * BATCH);
    expect(new Set(rows.map(({ case_id }) => case_id)).size).toBe(rows.length);
    // The department's ledger: every case, under one id each.
    const ledger = new Map<string, Set<string>>();
    for (const { id, message } of police.received) {
      const ids = ledger.get(message.data.caseId) ?? new Set();
      ledger.set(message.data.caseId, ids.add(id));
    }
    expect([...ledger.values()].filter((ids) => ids.size !== 1)).toEqual([]);
    expect(new Set(ledger.keys())).toEqual(new Set(rows.map(({ case_id }) => case_id)));
    const numbers = await pool.query<{ number: string }>("select number from case_file");
    expect(new Set(numbers.rows.map(({ number }) => number)).size).toBe(rows.length);
  });
});

/** Waits until nothing is owed any more: no inbox, no delivery on its way. */
async function settle(pool: pg.Pool): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const { rows } = await pool.query<{ owed: number }>(
      `select ((select count(*) from inbox)
        + (select count(*) from delivery where state <> 'DELIVERED'))::int as owed`,
    );
    if (rows[0]?.owed === 0) {
      return;
    }
    if (performance.now() > deadline) {
      throw new Error(`still owed: ${String(rows[0]?.owed)}`);
    }
    await systemClock.wait(100);
  }
}

async function writeConfig(
  dir: string,
  url: string,
  nodeSecret: string,
  endpointSecret: string,
): Promise<string> {
  const file = path.join(dir, "brain.yaml");
  await writeFile(path.join(dir, "node.secret"), nodeSecret);
  await writeFile(path.join(dir, "endpoint.secret"), endpointSecret);
  await writeFile(
    path.join(dir, "directory.yaml"),
    stringify({
      nodes: [
        {
          id: "node-1",
          secretFile: "node.secret",
          cameras: [
            {
              id: "cam-1",
              name: "Gate",
              siteType: "square",
              managingUnit: "Test unit",
              purposes: ["public-safety"],
              retentionDays: 30,
              signPosted: true,
              location: { lat: 39.8, lon: 116.5, crs: "WGS84" },
            },
          ],
        },
      ],
      endpoints: [{ department: "GA", url, secretFile: "endpoint.secret" }],
    }),
  );
  await writeFile(
    file,
    stringify({
      server: { port: 0 },
      evidence: { dir: "evidence" },
      security: { secretKeyFile: "secret.key" },
      dispatch: { timeoutMs: 1_000 },
      correlation: { stormPerMinute: 1_000_000 },
      directory: "directory.yaml",
    }),
  );
  return file;
}
