import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CaseWorkView } from "../../../protocol/index.ts";
import {
  type BrainBench,
  eventually,
  getCase,
  getJson,
  newSecret,
  startBench,
} from "./brain-bench.ts";
import {
  type Inbox,
  post,
  postSigned,
  sendEvent,
  ShiftedClock,
  startInbox,
} from "./casework-bench.ts";
import { sampleEvent } from "./sample-event.ts";

const MINUTE_MS = 60_000;
const clock = new ShiftedClock();
const secret = newSecret();
let police: Inbox;
let hub: Inbox;
let bench: BrainBench;

beforeAll(async () => {
  [police, hub] = [await startInbox(), await startInbox()];
  bench = await startBench({
    clock,
    endpoints: [
      { department: "GA", url: police.url, secret },
      { department: "ZZ", url: hub.url, secret },
    ],
  });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await police[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

/** An intrusion of level S1 that the police have on their desk. */
async function dispatchedCase(): Promise<{ readonly caseId: string; readonly taskId: string }> {
  const before = police.received.length;
  await sendEvent(bench, clock, sampleEvent({ at: clock.now() }));
  const { caseId, taskId } = await eventually(
    () => Promise.resolve(police.received[before] as { caseId: string; taskId: string }),
    (data) => (data as unknown) !== undefined,
  );
  await eventually(
    () => getCase(bench, caseId),
    (found) => found.state === "DISPATCHED",
  );
  return { caseId, taskId };
}

const asPolice = (taskId: string, command: object) =>
  postSigned(bench, { sender: "GA", secret, clock }, `/v1/tasks/${taskId}/commands`, { command });
const workOf = (caseId: string): Promise<CaseWorkView> =>
  getJson<CaseWorkView>(bench, `/v1/cases/${caseId}/work`);

describe("time that passes", () => {
  it("alarms the hub after a minute without acceptance, warns, and escalates", async () => {
    const { caseId } = await dispatchedCase();
    clock.shift(MINUTE_MS);
    await eventually(
      () => Promise.resolve(hub.received),
      (received) => received.some((data) => data.caseId === caseId && data.role === "co"),
    );
    clock.shift(15 * MINUTE_MS);
    const work = await eventually(
      () => workOf(caseId),
      ({ light }) => light === "red",
    );
    expect(work.level).toBe(3);
    const { timeline } = await getCase(bench, caseId);
    const seen = timeline.map(({ kind, facts }) => `${kind} ${String(facts["percent"] ?? "")}`);
    expect(seen.slice(4)).toEqual(
      expect.arrayContaining(["alarmed ", "warned 50", "warned 80", "breached 100", "escalated "]),
    );
  });

  it("takes a whistle that meets silence up to the district", async () => {
    const { caseId, taskId } = await dispatchedCase();
    await asPolice(taskId, { kind: "accept" });
    await asPolice(taskId, { kind: "start" });
    const { version } = await getCase(bench, caseId);
    const parties = [{ department: "ZZ", required: true }];
    await post(bench, "/v1/whistles", {
      caseId,
      expectedVersion: version,
      whistle: { kind: "emergency", subject: "crowd", parties },
    });
    clock.shift(31 * MINUTE_MS);
    const work = await eventually(
      () => workOf(caseId),
      ({ level }) => level === 4,
    );
    expect(work.whistles[0]?.parties[0]?.late).toBe(true);
  });

  it("is not forgotten over a restart", async () => {
    const { caseId, taskId } = await dispatchedCase();
    await asPolice(taskId, { kind: "accept" });
    const restarting = bench.restart();
    clock.shift(181 * MINUTE_MS);
    await restarting;
    const found = await eventually(
      () => getCase(bench, caseId),
      ({ timeline }) =>
        timeline.some(({ kind, facts }) => kind === "breached" && facts["clock"] === "contain"),
    );
    expect(found.state).toBe("ACCEPTED");
  });
});
