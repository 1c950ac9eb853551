/** One run of chaos: the world, the load, the killer, the verdict. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import {
  type EmbeddedPostgres,
  silentLog,
  startEmbeddedPostgres,
} from "../../brain/store/index.ts";
import { systemClock } from "../../protocol/index.ts";
import { seeded } from "../support/seeded.ts";
import { BrainKeeper } from "./brain-keeper.ts";
import { LedgerDepartment } from "./department.ts";
import { checkLedger, type Verdict } from "./ledger.ts";
import { Load, pause } from "./load.ts";
import { RedisKeeper } from "./redis-keeper.ts";

export interface ChaosOptions {
  readonly kills: number;
  readonly events: number;
  readonly seed: number;
}

export interface ChaosOutcome {
  readonly seed: number;
  readonly seconds: number;
  /** Blows by kind; `failpoint` are ends that the program met in itself. */
  readonly blows: Readonly<Record<string, number>>;
  readonly blowsTotal: number;
  readonly brainLives: number;
  /** Ends of the brain that nobody asked for. */
  readonly strangeEnds: readonly string[];
  readonly refusals: Readonly<Record<string, number>>;
  readonly rejected: number;
  readonly verdict: Verdict;
}

/** From a brain that is up to the next blow, ms. */
const PAUSE_MS = [100, 3_000] as const;
const READY_MS = 120_000;
const NODE = "node-1";
const CAMERAS = Array.from({ length: 500 }, (_, index) => `cam-${String(index + 1)}`);

export async function runChaos({ kills, events, seed }: ChaosOptions): Promise<ChaosOutcome> {
  const startedAt = performance.now();
  const random = seeded(seed);
  await using world = await World.create(random);
  const done = new AbortController();
  const seconds = (kills * (PAUSE_MS[0] + PAUSE_MS[1])) / 2000;
  const load = new Load({
    ...{
      nodeId: NODE,
      cameraIds: CAMERAS,
      secret: world.nodeSecret,
      url: () => world.brain.url,
      signal: done.signal,
    },
    ...{ events, rate: events / seconds },
  });
  await world.untilReady();
  const loading = load.run();
  const blows: Record<string, number> = {};
  for (let blow = 0; blow < kills; blow++) {
    // Counted from when it is up, else a slow machine would never let it live.
    await world.untilReady();
    await pause(PAUSE_MS[0] + random() * (PAUSE_MS[1] - PAUSE_MS[0]));
    const victim = await world.strike(random());
    if (victim === "missed") {
      blow--;
      continue;
    }
    blows[victim] = (blows[victim] ?? 0) + 1;
    if ((blow + 1) % 10 === 0) {
      const { size } = load.acknowledged;
      console.log(
        `${blow + 1} blows, ${size} events acknowledged, ${world.department.posts} posts`,
      );
    }
  }
  world.brain.calm();
  await loading;
  await world.untilReady(); // The last blow may have struck the database.
  blows["failpoint"] = world.brain.failpoints;
  const { connectionString } = world.postgres;
  const verdict = await checkLedger(connectionString, load.acknowledged, world.department);
  return {
    seed,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    blows,
    blowsTotal: Object.values(blows).reduce((sum, count) => sum + count, 0),
    brainLives: world.brain.lives,
    strangeEnds: world.brain.strange,
    refusals: Object.fromEntries(load.refusals),
    rejected: load.rejected.length,
    verdict,
  };
}

interface WorldParts {
  readonly nodeSecret: string;
  readonly department: LedgerDepartment;
  readonly postgres: EmbeddedPostgres;
  readonly brain: BrainKeeper;
  readonly redis: RedisKeeper;
  readonly dir: string;
}

class World implements AsyncDisposable {
  readonly nodeSecret: string;
  readonly department: LedgerDepartment;
  readonly postgres: EmbeddedPostgres;
  readonly brain: BrainKeeper;
  readonly #redis: RedisKeeper;
  readonly #dir: string;

  private constructor(parts: WorldParts) {
    this.nodeSecret = parts.nodeSecret;
    this.department = parts.department;
    this.postgres = parts.postgres;
    this.brain = parts.brain;
    this.#redis = parts.redis;
    this.#dir = parts.dir;
  }

  static async create(random: () => number): Promise<World> {
    const dir = await mkdtemp(path.join(os.tmpdir(), "sesb-chaos-"));
    const dataDir = path.join(dir, "pg");
    await mkdir(dataDir);
    const [nodeSecret, departmentSecret] = [secret(), secret()];
    const department = await LedgerDepartment.start(departmentSecret);
    const { url } = department;
    const postgres = await startEmbeddedPostgres({ dataDir, clock: systemClock, log: silentLog });
    const redis = await RedisKeeper.start(dir);
    const configFile = await writeConfig(dir, { nodeSecret, departmentSecret, url });
    const env = { DATABASE_URL: postgres.connectionString, REDIS_URL: redis.url };
    const brain = new BrainKeeper({ configFile, env, random });
    return new World({ nodeSecret, department, postgres, brain, redis, dir });
  }

  async untilReady(): Promise<void> {
    const deadline = performance.now() + READY_MS;
    while (this.brain.url === undefined) {
      if (performance.now() > deadline) {
        throw new Error(`the brain is not up: ${this.brain.strange.at(-1) ?? "no word"}`);
      }
      await pause(50);
    }
  }

  /** @returns what was struck. */
  async strike(draw: number): Promise<string> {
    if (draw < 0.5) {
      this.brain.kill();
      return "brain";
    }
    if (draw < 0.75) {
      return this.#killPostgres();
    }
    if (draw < 0.88) {
      await this.#redis.flush();
      return "redis-flushall";
    }
    await this.#redis.kill();
    return "redis";
  }

  #killPostgres(): string {
    try {
      process.kill(this.postgres.serverPid, "SIGKILL");
      return "postgres";
    } catch {
      return "missed"; // Dead from the blow before, and not up again yet.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.brain.close();
    await this.#redis.close();
    await this.postgres.close();
    await this.department.close();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

function secret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

async function writeConfig(
  dir: string,
  given: { readonly nodeSecret: string; readonly departmentSecret: string; readonly url: string },
): Promise<string> {
  await writeFile(path.join(dir, "node.secret"), given.nodeSecret);
  await writeFile(path.join(dir, "department.secret"), given.departmentSecret);
  const cameras = CAMERAS.map((id) => ({
    ...{ id, name: "Gate", siteType: "square", managingUnit: "Bench" },
    ...{ purposes: ["public-safety"], retentionDays: 30, signPosted: true },
    location: { lat: 39.8, lon: 116.5, crs: "WGS84" },
  }));
  const directory = {
    nodes: [{ id: NODE, secretFile: "node.secret", cameras }],
    endpoints: [{ department: "GA", url: given.url, secretFile: "department.secret" }],
  };
  await writeFile(path.join(dir, "directory.yaml"), stringify(directory));
  const file = path.join(dir, "brain.yaml");
  const config = {
    server: { host: "127.0.0.1", port: 0 },
    security: { secretKeyFile: "brain.key" },
    evidence: { dir: "evidence" },
    directory: "directory.yaml",
  };
  await writeFile(file, stringify(config));
  return file;
}
