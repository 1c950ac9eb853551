/**
 * `npm run bench:latency [-- --incidents 60]`: how long from the light on the sensor to the
 * department, in the demonstration, and the share of each stage.
 *
 * The true capture time comes from the camera server, which knows when it sent each picture: the
 * footage has one every 100 ms, and the node's own estimate of a picture's capture time lies less
 * than that behind the truth, so the truth is the picture's slot. The estimate's lateness is a
 * row of its own.
 *
 * A sample is a case and the first webhook of it: what opens a case is what somebody waits for, and
 * alarms that join it later send nobody out.
 */
import { parseArgs } from "node:util";
import { parseTime, type CaseDetail } from "../../protocol/index.ts";
import type { LedgerLine } from "../../demo/department/index.ts";
import { Demonstration, until } from "../support/demonstration.ts";
import { distributionOf, printTable, storeResult, type Distribution } from "../support/report.ts";

const FRAME_MS = 100;
const BARS = { p50: 300, p95: 800 };
const PER_INCIDENT_MS = 30_000;

interface Sample {
  readonly total: number;
  readonly stages: Readonly<Record<string, number>>;
}

type Received = Extract<LedgerLine, { kind: "received" }>;
type SlotOf = (cameraId: string, capturedAt: number) => number;

function sampleOf(
  detail: CaseDetail,
  { id, receivedAt }: Received,
  slotOf: SlotOf,
): Sample | undefined {
  const first = detail.events
    .filter((event) => event.phase === "new")
    .sort((a, b) => (a.acceptedAt < b.acceptedAt ? -1 : 1))[0];
  const attempt = detail.deliveries.find((delivery) => delivery.id === id)?.attempts[0];
  if (first === undefined || attempt === undefined || detail.detection === null) {
    return undefined;
  }
  const capturedAt = parseTime(first.capturedAt);
  const trueCapture = slotOf(detail.camera.id, capturedAt);
  const recordedAt = capturedAt + detail.detection.edgeLatencyMs;
  const acceptedAt = parseTime(first.acceptedAt);
  const sentAt = parseTime(attempt.at);
  return {
    total: receivedAt - trueCapture,
    stages: {
      "true capture → the node's estimate of it": capturedAt - trueCapture,
      "estimate → event written (decode, infer, judge, snapshot)": recordedAt - capturedAt,
      "written → accepted by the brain (fsync, uplink, commit)": acceptedAt - recordedAt,
      "accepted → webhook sent (correlate, case, dispatch)": sentAt - acceptedAt,
      "sent → received by the department": receivedAt - sentAt,
    },
  };
}

function cameraSlots(demonstration: Demonstration): SlotOf {
  const lines = demonstration
    .log("camera-server")
    .filter((line) => line["kind"] === "client-started");
  return (cameraId, capturedAt) => {
    // A camera is called after its mount.
    const own = lines.filter((line) => `demo-${String(line["mount"])}` === cameraId);
    const started = own.at(-1)?.["firstCaptureTimeMs"];
    if (typeof started !== "number") {
      throw new Error(`The camera server has not told when it sent ${cameraId}'s first picture`);
    }
    return started + Math.floor((capturedAt - started) / FRAME_MS) * FRAME_MS;
  };
}

async function measure(incidents: number): Promise<readonly Sample[]> {
  const demonstration = await Demonstration.start();
  try {
    const received = (): readonly Received[] => firstOfCases(demonstration);
    await until(() => received().length >= incidents, incidents * PER_INCIDENT_MS, "incidents");
    const slotOf = cameraSlots(demonstration);
    const samples: Sample[] = [];
    for (const line of received()) {
      const sample = sampleOf(await demonstration.case(line.caseId), line, slotOf);
      if (sample !== undefined) {
        samples.push(sample);
      }
    }
    return samples;
  } finally {
    await demonstration.stop();
  }
}

/** What the departments received first of each case. */
function firstOfCases(demonstration: Demonstration): readonly Received[] {
  const first = new Map<string, Received>();
  for (const line of demonstration.ledger) {
    if (line.kind === "received" && !first.has(line.caseId)) {
      first.set(line.caseId, line);
    }
  }
  return [...first.values()];
}

const { values } = parseArgs({ options: { incidents: { type: "string", default: "40" } } });
console.log(`Waiting for ${values.incidents} incidents of the demonstration …`);
const samples = await measure(Number(values.incidents));
const total = distributionOf(samples.map((sample) => sample.total));
const rows: Record<string, Distribution> = {};
for (const stage of Object.keys(samples[0]?.stages ?? {})) {
  rows[stage] = distributionOf(samples.map((sample) => sample.stages[stage] ?? NaN));
}
printTable({ ...rows, "capture → webhook received": total }, "ms");
const met = total.p50 <= BARS.p50 && total.p95 <= BARS.p95;
console.log(`\nBars p50 ≤ ${BARS.p50} ms, p95 ≤ ${BARS.p95} ms: ${met ? "met" : "MISSED"}`);
storeResult("latency", { total, stages: rows, bars: BARS, met });
process.exitCode = met ? 0 : 1;
