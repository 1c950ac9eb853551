import { describe, expect, it } from "vitest";
import { ruleSchema, type RuleConfig } from "../../../config/index.ts";
import { testRule, TrackMemory } from "../../../edge/plan/index.ts";
import { RuleRunner } from "../../../edge/rule-runner.ts";
import { ruleTestSchema, type RuleTest } from "../../../protocol/index.ts";

const START = Date.UTC(2026, 0, 5, 4); // Monday noon in Shanghai.
const TIME_ZONE = "Asia/Shanghai";
const ZONE = {
  ...{ kind: "zone-intrusion", id: "zone", eventType: "SEC.INTRUDE" },
  ...{ dwellS: 0.5, clearS: 1, cooldownS: 1 },
  zone: [
    [0.4, 0.4],
    [0.6, 0.4],
    [0.6, 1],
    [0.4, 1],
  ],
};

function runner(config: RuleConfig): RuleRunner {
  let ids = 0;
  return new RuleRunner({
    ...{ config, surroundings: {}, timeZone: TIME_ZONE, orphan: undefined, startedAt: START },
    newId: () => `0190b0a0-0000-7000-8000-${String(ids++).padStart(12, "0")}`,
  });
}

/** Somebody stands in the middle in the first ten seconds of each minute. */
function visits(minutes: number): TrackMemory {
  const memory = new TrackMemory();
  for (let at = START; at < START + minutes * 60_000; at += 200) {
    const passedMs = (at - START) % 60_000;
    const box = { left: 0.45, top: 0.3, width: 0.1, height: 0.4 };
    const trackId = Math.floor((at - START) / 60_000);
    const objects =
      passedMs < 10_000 ? [{ trackId, label: "person", score: 0.9, box, frames: 9 }] : [];
    memory.scene({ at, aspect: 1.5, objects }, true);
  }
  return memory;
}

async function tryOut(
  rule: object,
  memory: TrackMemory,
  { now = START + 3_600_000, signal = new AbortController().signal, asked = START } = {},
): Promise<RuleTest> {
  const config = ruleSchema.parse(rule);
  const test = await testRule({
    ...{ config, rule: runner(config), stretch: memory.stretch(now), timeZone: TIME_ZONE, signal },
    askedSince: (label) => (label === "person" ? asked : undefined),
  });
  return ruleTestSchema.parse(test);
}

describe("testRule", () => {
  it("tells the alarms that the running rule tells of the same looks", async () => {
    const memory = visits(3);
    const live = runner(ruleSchema.parse(ZONE));
    const steps: string[] = [];
    for (let at = START; at < START + 180_000; at += 200) {
      const box = { left: 0.45, top: 0.3, width: 0.1, height: 0.4 };
      const trackId = Math.floor((at - START) / 60_000);
      const objects =
        (at - START) % 60_000 < 10_000
          ? [{ trackId, label: "person", score: 0.9, box, frames: 9 }]
          : [];
      for (const step of live.evaluate({ at, aspect: 1.5, objects })) {
        steps.push(`${step.phase} ${step.onset} ${step.endedAt ?? ""}`);
      }
    }
    const test = await tryOut(ZONE, memory);
    expect(
      test.alarms.flatMap(({ onset, ended = "" }) => [
        `new ${Date.parse(onset)} `,
        `end ${Date.parse(onset)} ${Date.parse(ended)}`,
      ]),
    ).toEqual(steps.filter((step) => !step.startsWith("update")));
    expect(test).toMatchObject({ alarmCount: 3, tracks: 3, looks: 900, incomplete: [] });
    expect(test.alarms[0]?.box).toMatchObject({ left: 0.45, width: 0.1 });
    expect(test.footprints).toContainEqual([0.5, 0.7]);
  });

  it("thins footprints evenly, and takes one of who stands", async () => {
    const memory = new TrackMemory();
    for (let step = 0; step < 5_000; step++) {
      const left = 0.1 + (step % 100) * 0.007;
      const box = { left, top: 0.3, width: 0.1, height: 0.4 };
      const trackId = Math.floor(step / 10);
      const objects = [{ trackId, label: "person", score: 0.9, box, frames: 9 }];
      memory.scene({ at: START + step * 200, aspect: 1.5, objects }, true);
    }
    const line = {
      ...{ kind: "line-crossing", id: "line", eventType: "SEC.CROSS", cooldownS: 0 },
      line: [
        [0.5, 1],
        [0.5, 0],
      ],
    };
    const test = await tryOut(line, memory);
    expect(test.footprints.length).toBeGreaterThan(999);
    expect(test.footprints.length).toBeLessThan(2_000);
    const right = test.footprints.filter(([x]) => x > 0.5).length / test.footprints.length;
    expect(right).toBeCloseTo(0.5, 1);
    const zone = { ...ZONE, dwellS: 0, clearS: 0, cooldownS: 0 };
    const visited = await tryOut(zone, visits(60));
    expect(visited.alarmCount).toBe(60);
    expect(visited.footprints.length).toBeLessThan(100); // Who stands leaves one.
  });

  it("says what it could not tell", async () => {
    const memory = visits(2);
    const zone = ZONE.zone;
    const fall = { kind: "thrown-object", id: "fall", eventType: "SEC.THROW", zone };
    expect((await tryOut(fall, memory)).incomplete).toContain("fine-motion");
    const lens = { kind: "camera-tamper", id: "lens", eventType: "DEV.TAMPER" };
    expect((await tryOut(lens, memory)).incomplete).toEqual(["picture"]);
    const cars = { ...ZONE, classes: ["car"] };
    expect((await tryOut(cars, memory)).incomplete).toEqual(["classes"]);
    expect((await tryOut(ZONE, memory, { asked: START + 60_000 })).incomplete).toEqual(["classes"]);
    const night = { ...ZONE, schedule: [{ from: "22:00", to: "06:00" }] };
    expect(await tryOut(night, memory)).toMatchObject({ alarmCount: 0, incomplete: ["schedule"] });
  });

  it("has nothing to say where nothing is remembered", async () => {
    const test = await tryOut(ZONE, new TrackMemory());
    expect(test).toEqual({
      ...{ looks: 0, incomplete: [], tracks: 0, alarms: [], alarmCount: 0, footprints: [] },
    });
  });

  it("lets others work meanwhile, and stops when it is told to", async () => {
    const memory = visits(60);
    const stop = new AbortController();
    let turns = 0;
    const count = (): void => {
      turns++;
      if (turns === 2) {
        stop.abort(new Error("enough"));
      } else if (!stop.signal.aborted) {
        setImmediate(count);
      }
    };
    setImmediate(count);
    await expect(tryOut(ZONE, memory, { signal: stop.signal })).rejects.toThrow("enough");
  });
});
