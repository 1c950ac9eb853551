/** Runs the brain: `node --import tsx brain/main.ts --config brain.yaml`. */
import { parseArgs } from "node:util";
import { type Logger, pino } from "pino";
import {
  type BrainConfig,
  brainConfigSchema,
  loadBrainConfig,
  loadDirectory,
} from "../config/index.ts";
import { AppError, fromZodError, PermanentError, systemClock } from "../protocol/index.ts";
import { startBrain } from "./app.ts";

/** Names under which something secret could reach a log line. */
const SECRET_PATHS = [
  "secret",
  "*.secret",
  "key",
  "*.key",
  "password",
  "*.password",
  "connectionString",
  "*.connectionString",
  "headers.authorization",
  "headers.cookie",
  'headers["webhook-signature"]',
  "req.headers",
];
/** A stop that takes longer is ended by force. */
const STOP_TIMEOUT_MS = 20_000;

const log = pino({
  level: process.env["LOG_LEVEL"] ?? "info",
  base: { service: "brain" },
  redact: { paths: SECRET_PATHS, censor: "***" },
});

await main().catch((error: unknown) => {
  if (error instanceof AppError) {
    log.fatal({ code: error.code, ...error.detail }, error.message);
  } else {
    log.fatal({ err: error }, "the brain cannot start");
  }
  process.exitCode = 1;
  // Whatever a failed start left open must not keep a dead brain alive.
  setTimeout(() => process.exit(1), 2_000).unref();
});

async function main(): Promise<void> {
  const config = readConfig();
  const directory = loadDirectory(config.directory);
  const starting = new AbortController();
  let stopped = false;
  let stop = (): void => starting.abort(new Error("stopped while starting"));
  const onStop = (reason: string): void => {
    if (stopped) {
      return;
    }
    stopped = true;
    log.info({ reason }, "stopping");
    setTimeout(() => {
      log.error("the brain did not stop in time");
      process.exit(1);
    }, STOP_TIMEOUT_MS).unref();
    stop();
  };
  process.on("SIGTERM", onStop);
  process.on("SIGINT", onStop);
  process.on("disconnect", () => onStop("the supervisor is gone"));
  const brain = await startBrain({
    config,
    directory,
    clock: systemClock,
    random: Math.random,
    log,
    signal: starting.signal,
  });
  stop = () => void stopBrain(brain.close, log);
  if (starting.signal.aborted) {
    stop();
    return;
  }
  log.info({ url: brain.url }, "ready");
  process.send?.({ type: "ready", url: brain.url });
}

async function stopBrain(close: () => Promise<void>, logger: Logger): Promise<void> {
  try {
    await close();
    logger.info("stopped");
    process.exit(0);
  } catch (error) {
    logger.error({ err: error }, "the brain did not stop cleanly");
    process.exit(1);
  }
}

/** The file, then the environment over it. */
function readConfig(): BrainConfig {
  const { values } = parseArgs({ options: { config: { type: "string", short: "c" } } });
  if (values.config === undefined) {
    throw new PermanentError("CONFIG_INVALID", "No configuration file is named", {
      where: "command line",
      expected: "--config path/to/brain.yaml; see config/brain.example.yaml",
    });
  }
  const config = loadBrainConfig(values.config);
  const { DATABASE_URL, REDIS_URL, PORT, HOST } = process.env;
  const merged = brainConfigSchema.safeParse({
    ...config,
    server: {
      ...config.server,
      ...(HOST === undefined ? {} : { host: HOST }),
      ...(PORT === undefined ? {} : { port: Number(PORT) }),
    },
    database: {
      ...config.database,
      ...(DATABASE_URL === undefined ? {} : { url: DATABASE_URL }),
    },
    jobs: { ...config.jobs, ...(REDIS_URL === undefined ? {} : { redisUrl: REDIS_URL }) },
  });
  if (!merged.success) {
    throw fromZodError("CONFIG_INVALID", "The environment", merged.error);
  }
  return merged.data;
}
