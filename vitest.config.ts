import { defineConfig } from "vitest/config";

/**
 * Four kinds of test, fastest first. `unit` starts no process and is part of `npm run check`;
 * the others start real FFmpeg, PostgreSQL, Redis and Chromium and run in `npm test` only.
 * Two cores are the size that everything here is planned for: `unit` fills them with two files at
 * once, `contract` waits for others half of its time.
 */
const KINDS = {
  // Files share their process, which halves the work: nothing may stay behind in it.
  unit: {
    include: ["test/**/*.test.ts", "console/**/*.test.ts"],
    timeoutMs: 15_000,
    workers: 2,
    isolate: false,
  },
  contract: { include: ["test/contract/**/*.test.ts"], timeoutMs: 120_000, workers: 3 },
  // Decoders that have to be noticed within seconds share the processor with nobody.
  faults: { include: ["test/faults/**/*.test.ts"], timeoutMs: 180_000, workers: 1 },
  e2e: { include: ["test/e2e/**/*.test.ts"], timeoutMs: 240_000, workers: 1 },
} as const;

const SLOW = ["test/contract/**", "test/faults/**", "test/e2e/**"];
/** Begin beside the first tests; those that need what they make wait for it. */
const SETUP = {
  unit: [],
  contract: ["test/support/postgres-server.ts"],
  faults: ["test/support/postgres-server.ts"],
  e2e: ["test/support/postgres-server.ts", "test/support/console-page.ts"],
};

export default defineConfig({
  test: {
    reporters: ["default"],
    projects: Object.entries(KINDS).map(([name, kind], order) => ({
      test: {
        name,
        include: [...kind.include],
        exclude: ["node_modules/**", ...(name === "unit" ? SLOW : [])],
        globalSetup: SETUP[name as keyof typeof KINDS],
        isolate: !("isolate" in kind),
        testTimeout: kind.timeoutMs,
        hookTimeout: kind.timeoutMs,
        maxWorkers: kind.workers,
        sequence: { groupOrder: order },
      },
    })),
  },
});
