/** Rules of every kind take whatever a tracker or a picture may give them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ruleSchema, type RuleConfig } from "../../../config/index.ts";
import type { PictureState } from "../../../edge/gate/index.ts";
import { createRule, type AlarmSignal, type SceneObject } from "../../../edge/rules/index.ts";
import { Camera } from "../../support/scenes/index.ts";

const LABELS = ["person", "car", "truck", "suitcase", "dog"];
const ZONE = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.8, 0.8],
  [0.2, 0.8],
];
const LINE = [
  [0.5, 0.9],
  [0.5, 0.1],
];

/** What a kind needs, and times so short that it comes to alarms. */
const NEEDS: Readonly<Record<string, object>> = {
  "zone-intrusion": { zone: ZONE, clearS: 1 },
  loitering: { zone: ZONE, dwellS: 1, clearS: 1 },
  crowd: { zone: ZONE, count: 2, densityPerM2: 0.1, holdS: 0, clearS: 1 },
  "abandoned-object": { zone: ZONE, anyThing: true, unattendedS: 1 },
  "removed-object": { zone: ZONE, share: 0.05, goneS: 1 },
  "wrong-way": { zone: ZONE, allowed: LINE, classes: LABELS, toleranceDeg: 90 },
  parking: { zone: ZONE, dwellS: 1, classes: LABELS, moveShare: 1 },
  "line-crossing": { line: LINE },
  tailgating: { line: LINE, withinS: 60 },
  counting: { line: LINE, limit: 1 },
  occupancy: { zone: ZONE, limit: 1, holdS: 0, classes: LABELS },
  "person-down": { downS: 0.5 },
  running: { speedMps: 0.1, speedHeightsPerS: 0.1, holdS: 0.2 },
  dispersal: { speedMps: 0.1, speedHeightsPerS: 0.1, count: 3, withinS: 30 },
  "thrown-object": { zone: ZONE, maxSize: 0.5, minFall: 0.05 },
  "camera-tamper": {
    checks: ["covered", "moved", "blurred", "dark", "frozen", "lost"],
    holdS: 0.5,
    clearS: 1,
  },
};

const CONFIGS: readonly RuleConfig[] = ruleSchema.options.map((option) => {
  const kind = option.shape.kind.value;
  const config = { kind, id: kind, eventType: "SEC.INTRUDE", cooldownS: 0, ...NEEDS[kind] };
  return ruleSchema.parse(config);
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const usual = fc.double({ min: -0.2, max: 1.2, noNaN: true });
const number = fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: finite });
const box = fc.record({ left: number, top: number, width: number, height: number });
const object = fc.record({
  trackId: fc.integer({ min: 0, max: 4 }),
  label: fc.constantFrom(...LABELS),
  score: number,
  box,
  frames: fc.nat(100),
});
/** Something real, that moves steadily in the midst of all the nonsense. */
const steady = fc.record({
  label: fc.constantFrom("person", "person", ...LABELS),
  x: fc.double({ min: 0.2, max: 0.8, noNaN: true }),
  y: fc.double({ min: 0.2, max: 0.8, noNaN: true }),
  width: fc.double({ min: 0.02, max: 0.2, noNaN: true }),
  height: fc.double({ min: 0.05, max: 0.3, noNaN: true }),
  perFrame: fc.tuple(
    fc.double({ min: -0.02, max: 0.02, noNaN: true }),
    fc.double({ min: -0.02, max: 0.02, noNaN: true }),
  ),
});
/** Time stands still, goes on by a frame, and jumps over hours. */
const stepMs = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 100, max: 400 }) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 10_000_000 }) },
);
const moment = fc.record({
  stepMs,
  objects: fc.array(object, { maxLength: 4 }),
  moving: fc.array(box, { maxLength: 3 }),
  changes: fc.array(fc.record({ box, agoMs: fc.nat(100_000) }), { maxLength: 3 }),
  quality: fc.record({
    brightness: number,
    structure: number,
    sharpness: number,
    alignment: number,
    frozenMs: fc.option(fc.nat(100_000)),
  }),
  isWild: fc.boolean(),
  isMissed: fc.boolean(),
});
const play = fc.record({
  steady: fc.array(steady, { minLength: 1, maxLength: 5 }),
  moments: fc.array(moment, { minLength: 20, maxLength: 60 }),
});

describe.each(CONFIGS)("$kind", (config) => {
  it.each([undefined, new Camera()])("takes any finite numbers (ground: %o)", (ground) => {
    fc.assert(
      fc.property(play, (played) => {
        const rule = createRule(config, { ground });
        const open = new Set<number>();
        let at = 1_800_000_000_000;
        for (const [frame, one] of played.moments.entries()) {
          const last = at;
          at += one.stepMs;
          const objects = [
            ...played.steady.map((thing, index) => steadyAt(thing, index, frame)),
            ...(one.isWild ? one.objects : []),
          ];
          note(open, rule.watch?.(pictureOf(one, at, objects)) ?? []);
          note(open, rule.evaluate({ at, aspect: 16 / 9, objects }));
          note(open, one.isMissed ? (rule.miss?.(at, last) ?? []) : []);
        }
        rule.counts?.();
        note(open, rule.end?.(at) ?? []);
        expect([...open]).toEqual([]);
      }),
      { numRuns: 30, seed: 4 },
    );
  });
});

/** An alarm begins before it goes on and ends, once. */
function note(open: Set<number>, signals: readonly AlarmSignal[]): void {
  for (const { kind, key } of signals) {
    expect(open.has(key)).toBe(kind !== "begin");
    if (kind === "begin") {
      open.add(key);
    } else if (kind === "end") {
      open.delete(key);
    }
  }
}

type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;

function steadyAt(thing: Of<typeof steady>, index: number, frame: number): SceneObject {
  const { label, x, y, width, height, perFrame } = thing;
  const left = x + perFrame[0] * frame;
  const top = y + perFrame[1] * frame;
  return { trackId: 10 + index, label, score: 0.8, box: { left, top, width, height }, frames: 9 };
}

function pictureOf(
  { moving, changes, quality }: Of<typeof moment>,
  at: number,
  objects: readonly SceneObject[],
): PictureState {
  const { frozenMs, ...figures } = quality;
  return {
    at,
    // What is seen to move also moves in the picture.
    moving: [...moving, ...objects.slice(0, 3).map((one) => one.box)],
    changes: changes.map((change) => ({ box: change.box, since: at - change.agoMs })),
    quality: { ...figures, frozenSince: frozenMs === null ? undefined : at - frozenMs },
    objects: objects.map((one) => one.box),
  };
}
