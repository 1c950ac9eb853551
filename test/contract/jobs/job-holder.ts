/**
 * Takes one job and never finishes it, to be killed with it in hand.
 * Usage: job-holder.ts CONNECTION_STRING REDIS_URL, one of them empty.
 */
import { openJobs } from "../../../brain/jobs/index.ts";
import { silentLog } from "../../../brain/store/index.ts";
import { systemClock } from "../../../protocol/index.ts";

const [connectionString = "", redisUrl = ""] = process.argv.slice(2);

const jobs = await openJobs({
  config: redisUrl === "" ? {} : { redisUrl },
  connectionString,
  clock: systemClock,
  log: silentLog,
});
jobs.define(
  "held",
  async () => {
    process.stdout.write("held\n");
    await systemClock.wait(600_000);
  },
  { concurrency: 1 },
);
for (let isAdded = false; !isAdded; ) {
  isAdded = await jobs.add("held", { id: "x", data: {} }).then(
    () => true,
    () => false,
  );
  await systemClock.wait(10);
}
