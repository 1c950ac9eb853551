import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  acknowledge,
  type BrainBench,
  eventually,
  getCase,
  getCases,
  newSecret,
  sendEvents,
  startBench,
} from "./brain-bench.ts";
import { type Department, startDepartment } from "./department.ts";
import { sampleEvent } from "./sample-event.ts";

describe("from an event to an accepted case", () => {
  const secret = newSecret();
  let police: Department;
  let bench: BrainBench;

  beforeAll(async () => {
    police = await startDepartment(secret);
    bench = await startBench({ endpoints: [{ department: "GA", url: police.url, secret }] });
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
    await police.close();
  });

  it("opens, files and dispatches a case, and accepts it at the lead's word", async () => {
    const event = sampleEvent();
    const answer = await sendEvents(bench, [event]);
    expect(answer.results).toEqual([{ id: event.id, outcome: "accepted" }]);
    const { message, id } = await police.nth(1);
    expect(message.data).toMatchObject({
      department: "GA",
      role: "lead",
      eventType: "SEC.INTRUDE",
    });
    const { caseId, taskId } = message.data;
    await eventually(
      () => getCase(bench, caseId),
      (found) => found.state === "DISPATCHED",
    );
    const ack = await acknowledge(bench, { department: "GA", secret, deliveryId: id, taskId });
    expect(await ack.json()).toEqual({ taskId, state: "ACCEPTED", repeated: false });
    const again = await acknowledge(bench, { department: "GA", secret, deliveryId: id, taskId });
    expect(await again.json()).toEqual({ taskId, state: "ACCEPTED", repeated: true });
    const found = await getCase(bench, caseId);
    expect(found.state).toBe("ACCEPTED");
    expect(found.timeline.map(({ kind }) => kind)).toEqual([
      "reported",
      "filed",
      "delivered",
      "dispatched",
      "accepted",
    ]);
    expect(found.tasks.map(({ department, role, state }) => [department, role, state])).toEqual([
      ["GA", "lead", "ACCEPTED"],
      ["ZZ", "informed", "PENDING"],
    ]);
    expect(found.clocks.dispatch.stoppedAt).not.toBeNull();
    expect(found.clocks.contain.stoppedAt).toBeNull();
    expect((await getCases(bench)).counts).toEqual({ ACCEPTED: 1 });
  });
});
