import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrainBench, startBench } from "./brain-bench.ts";
import { OPERATOR_KEY, TOWN, SIGNED_IN, codeOf, reportOf, send, report } from "./report-bench.ts";

describe("reports to a brain with a key", () => {
  let bench: BrainBench;
  beforeAll(async () => {
    bench = await startBench({
      endpoints: [],
      operatorKey: OPERATOR_KEY,
      config: { town: TOWN },
    });
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  const giveKey = async (): Promise<string> => {
    const answer = await fetch(`${bench.url}/v1/responders/grid-worker-1/key`, {
      method: "POST",
      headers: SIGNED_IN,
    });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { key: string }).key;
  };

  it("lets residents report without an account, others only as themselves", async () => {
    await report(bench);
    for (const channel of ["grid-worker", "hotline"]) {
      expect(await codeOf(await send(bench, reportOf({ channel })))).toEqual([
        401,
        "SESSION_REQUIRED",
      ]);
    }
    await report(bench, { channel: "hotline" }, SIGNED_IN);
    expect(await codeOf(await fetch(`${bench.url}/v1/playbooks`))).toEqual([
      401,
      "SESSION_REQUIRED",
    ]);
  });

  it("takes a grid worker's newest key until it is ended", async () => {
    const old = await giveKey();
    const key = await giveKey();
    const as = (one: string) => ({ authorization: `Bearer ${one}` });
    const worker = { channel: "grid-worker", text: "网格员巡查发现" };
    await report(bench, worker, as(key));
    expect(await codeOf(await send(bench, reportOf(worker), as(old)))).toEqual([
      401,
      "SESSION_REQUIRED",
    ]);
    expect(await codeOf(await send(bench, reportOf({ channel: "hotline" }), as(key)))).toEqual([
      401,
      "SESSION_REQUIRED",
    ]);
    await fetch(`${bench.url}/v1/responders/grid-worker-1/key`, {
      method: "DELETE",
      headers: SIGNED_IN,
    });
    expect(await codeOf(await send(bench, reportOf(worker), as(key)))).toEqual([
      401,
      "SESSION_REQUIRED",
    ]);
  });

  it("stops an address that reports too often, before it reads more", async () => {
    const answers: number[] = [];
    for (let i = 0; i < 25; i += 1) {
      const response = await send(bench, reportOf());
      answers.push(response.status);
      if (response.status === 429) {
        expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
        expect(await codeOf(response)).toEqual([429, "RATE_LIMITED"]);
        break;
      }
    }
    expect(answers.at(-1)).toBe(429);
  });
});
