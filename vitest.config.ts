import { defineConfig } from "vitest/config";

/**
 * Four kinds of test, fastest first. `unit` starts no process and is part of `npm run check`;
 * the others start real FFmpeg, PostgreSQL, Redis and Chromium and run in `npm test` only.
 */
const KINDS = {
  unit: {
    include: ["test/**/*.test.ts", "console/**/*.test.ts"],
    timeoutMs: 15_000,
    parallel: true,
  },
  contract: { include: ["test/contract/**/*.test.ts"], timeoutMs: 120_000, parallel: true },
  faults: { include: ["test/faults/**/*.test.ts"], timeoutMs: 180_000, parallel: false },
  e2e: { include: ["test/e2e/**/*.test.ts"], timeoutMs: 240_000, parallel: false },
} as const;

const SLOW = ["test/contract/**", "test/faults/**", "test/e2e/**"];

export default defineConfig({
  test: {
    reporters: ["default"],
    projects: Object.entries(KINDS).map(([name, kind], order) => ({
      test: {
        name,
        include: [...kind.include],
        exclude: ["node_modules/**", ...(name === "unit" ? SLOW : [])],
        testTimeout: kind.timeoutMs,
        hookTimeout: kind.timeoutMs,
        fileParallelism: kind.parallel,
        // Two cores are the size that everything here is planned for.
        ...(kind.parallel ? { maxWorkers: 2 } : {}),
        sequence: { groupOrder: order },
      },
    })),
  },
});
