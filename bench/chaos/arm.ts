/**
 * Loaded before the brain by a test: ends the process now and then at a failpoint. `SESB_CHAOS` is
 * the seed and the mean number of failpoints passed before the end, as `seed:mean`.
 */
import { armFailpoints } from "../../brain/store/index.ts";
import { seeded } from "../support/seeded.ts";

const [seed = Number.NaN, mean = Number.NaN] = (process.env["SESB_CHAOS"] ?? "")
  .split(":")
  .map(Number);
if (!(seed > 0 && mean > 0)) {
  throw new Error("SESB_CHAOS: expected seed:mean");
}
const random = seeded(seed);
let left = Math.ceil(-Math.log(1 - random()) * mean);

armFailpoints((name) => {
  left -= 1;
  if (left === 0) {
    process.stderr.write(`failpoint ${name}\n`);
    process.kill(process.pid, "SIGKILL");
  }
});
