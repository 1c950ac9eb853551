import { describe, expect, it } from "vitest";
import { OrderDesk } from "../../../edge/plan/index.ts";
import {
  formatTime,
  nodeOrderSchema,
  PermanentError,
  type NodeOrder,
  type OrderResult,
} from "../../../protocol/index.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";

const TESTED: OrderResult = {
  outcome: "tested",
  test: { looks: 0, incomplete: [], tracks: 0, alarms: [], alarmCount: 0, footprints: [] },
};

interface Bench {
  readonly clock: FakeClock;
  readonly desk: OrderDesk;
  readonly answers: OrderResult[];
  readonly outcomes: string[];
  /** Ends the runs under way. */
  finish(how?: Error): void;
  order(forMs?: number): NodeOrder;
}

function bench(brainAheadMs = 0): Bench {
  const clock = new FakeClock();
  const answers: OrderResult[] = [];
  const outcomes: string[] = [];
  let running: { resolve: (result: OrderResult) => void; reject: (why: unknown) => void }[] = [];
  const desk = new OrderDesk({
    clock,
    brainAheadMs: () => brainAheadMs,
    run: (_order, signal) =>
      new Promise((resolve, reject) => {
        running.push({ resolve, reject });
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
    answer: (_order, result) => {
      answers.push(result);
      return Promise.resolve();
    },
    onDone: (kind, outcome) => outcomes.push(`${kind} ${outcome}`),
  });
  return {
    ...{ clock, desk, answers, outcomes },
    finish: (how) => {
      for (const { resolve, reject } of running) {
        if (how === undefined) {
          resolve(TESTED);
        } else {
          reject(how);
        }
      }
      running = [];
    },
    order: (forMs = 10_000) =>
      nodeOrderSchema.parse({
        ...{ id: crypto.randomUUID(), camera: "cam", kind: "snapshot" },
        until: formatTime(clock.now() + forMs),
      }),
  };
}

describe("OrderDesk", () => {
  it("carries four orders out at a time and refuses more", async () => {
    const { desk, order, answers, outcomes, finish } = bench();
    for (let count = 0; count < 5; count++) {
      desk.take(order());
    }
    await settle();
    expect(answers).toMatchObject([{ outcome: "failed", problem: { code: "OVERLOADED" } }]);
    finish();
    await settle();
    expect(outcomes).toEqual(["snapshot failed", ...Array<string>(4).fill("snapshot tested")]);
  });

  it("tells why an order failed", async () => {
    const { desk, order, answers, finish } = bench();
    desk.take(order());
    await settle();
    finish(new PermanentError("CAMERA_INACTIVE", "switched off"));
    await settle();
    expect(answers).toMatchObject([{ outcome: "failed", problem: { code: "CAMERA_INACTIVE" } }]);
  });

  it("gives an order up at its end by the brain's clock, and tells nobody", async () => {
    const { desk, order, answers, outcomes, clock } = bench(4_000);
    desk.take(order(10_000));
    desk.take(order(3_000));
    await settle();
    expect(outcomes).toEqual(["snapshot expired"]);
    await clock.advance(5_999);
    expect(outcomes).toHaveLength(1);
    await clock.advance(1);
    expect(outcomes).toEqual(["snapshot expired", "snapshot expired"]);
    expect(answers).toEqual([]);
  });

  it("cuts what runs short when it is closed, and takes nothing more", async () => {
    const { desk, order, answers, outcomes, clock } = bench();
    desk.take(order());
    await settle();
    await desk.close();
    desk.take(order());
    await settle();
    expect(outcomes).toEqual(["snapshot expired"]);
    expect(answers).toEqual([]);
    expect(clock.sleepers).toBe(0);
  });
});
