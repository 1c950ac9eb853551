/**
 * Appends events as fast as it can and prints each one's id and sequence after `append` returned,
 * until it is killed. Arguments: data directory, number of the run.
 */
import fs from "node:fs";
import { Outbox } from "../../../edge/uplink/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import { LogBook } from "../../edge/uplink/log-book.ts";
import { sampleEvent } from "../../edge/uplink/sample-event.ts";

const dataDir = process.argv[2] ?? "";
const run = process.argv[3] ?? "";
const log = new LogBook();
const limits = { maxEvents: 1_000_000, maxEvidenceMb: 100 };
const outbox = new Outbox({ dataDir, ...limits, clock: systemClock, log });
if (log.lines.some(({ level }) => level === "error")) {
  throw new Error(JSON.stringify(log.lines));
}
for (let count = 0; ; count += 1) {
  const camera = `cam-${String(count % 3)}`;
  const withPicture = count % 10 === 0;
  const pictures = withPicture ? [await outbox.evidence.put(Buffer.from(`${run}/${count}`))] : [];
  const event = sampleEvent({ sequence: outbox.nextSequence(camera), camera });
  outbox.append(event, pictures);
  // Synchronous, so that what was acknowledged is in the pipe whenever the kill comes.
  const line = [event.id, camera, event.sequence, pictures[0]?.sha256 ?? "-"].join(" ");
  fs.writeSync(1, `${line}\n`);
}
