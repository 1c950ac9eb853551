/** `npm run models [id | manifest.yaml …] [--check]`: fetches, converts, verifies and caches. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { AppError, systemClock } from "../protocol/index.ts";
import type { Progress } from "./fetch.ts";
import { ensureModel, manifestIds, resolveModel } from "./index.ts";
import { createReporter } from "./reporter.ts";

const USAGE = `npm run models [id | path of a manifest …] [-- --check]

  Without names: every model the product describes.
  --check        only looks whether they are there and sound; fetches nothing
  --cache DIR    where prepared models are kept (.cache/models)
`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      check: { type: "boolean", default: false },
      cache: { type: "string", default: ".cache/models" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const abort = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      abort.abort(new Error(`stopped by ${name}`));
    });
  }
  const cacheDir = resolve(values.cache);
  for (const id of positionals.length > 0 ? positionals : await manifestIds()) {
    const reporter = createReporter(id, process.stdout, () => performance.now());
    const onProgress = (progress: Progress): void => {
      reporter.show(progress);
    };
    const options = { cacheDir, onProgress, signal: abort.signal, clock: systemClock };
    const model = await (values.check ? resolveModel(id, options) : ensureModel(id, options));
    reporter.finish(`${model.manifest.title}; sha256 ${model.sha256.slice(0, 12)}…`);
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const text = error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
  process.stderr.write(`\n${text}\n`);
  process.exitCode = 1;
}
