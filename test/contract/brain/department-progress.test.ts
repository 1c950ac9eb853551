/** The reference client tells a whole brain how the work goes. */
import { describe, expect, it } from "vitest";
import {
  acceptance,
  acknowledge,
  commandTask,
  type ProgressRequest,
} from "../../../demo/department/index.ts";
import { deliveryIdSchema } from "../../../protocol/index.ts";
import { getCase, newSecret, sendEvents, startBench } from "./brain-bench.ts";
import { startDepartment } from "./department.ts";
import { sampleEvent } from "./sample-event.ts";

describe("the reference department client", () => {
  it("accepts, starts, contains and handles its case; a repeated command acts once", async () => {
    const secret = newSecret();
    await using department = await startDepartment(secret);
    await using bench = await startBench({
      endpoints: [{ department: "GA", url: department.url, secret }],
      // The department listens on this machine.
      config: { dispatch: { allowedNetworks: ["127.0.0.0/8"] } },
    });
    await sendEvents(bench, [sampleEvent({ code: "SEC.INTRUDE" })]);
    const { id, message } = await department.nth(1);
    const { taskId, caseId, acknowledgeUrl } = message.data;
    const signal = AbortSignal.timeout(20_000);
    const signer = (): Omit<ProgressRequest, "id"> => ({
      ...{ department: "GA", secret, acknowledgeUrl, now: Date.now() },
    });
    const acknowledgement = acceptance(deliveryIdSchema.parse(id), Date.now(), "desk", "GA-1");
    await acknowledge({ ...signer(), acknowledgement }, fetch, signal);
    const tell = (command: Parameters<typeof commandTask>[1]["command"]) =>
      commandTask(
        { ...signer(), id: `${taskId}.${command.kind}` },
        { command, unit: "patrol 3" },
        fetch,
        signal,
      );
    expect(await tell({ kind: "start" })).toMatchObject({ state: "HANDLING", repeated: false });
    expect(await tell({ kind: "start" })).toMatchObject({ state: "HANDLING", repeated: true });
    await tell({ kind: "contain" });
    await tell({ kind: "handle", note: "The gate is closed again." });
    const detail = await getCase(bench, caseId);
    expect(detail.state).toBe("HANDLED");
    expect(detail.timeline.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["accepted", "handling", "contained", "handled"]),
    );
    await expect(tell({ kind: "close" })).rejects.toThrow(/ROLE_REFUSED/);
  });
});
