/** Runs a rule over hand-made scenes, and checks what holds for every rule that judges a zone. */
import fc from "fast-check";
import { expect } from "vitest";
import { seeded } from "../../../bench/support/seeded.ts";
import type { RuleConfig } from "../../../config/index.ts";
import {
  createRule,
  type AlarmSignal,
  type RuleSurroundings,
  type Scene,
  type SceneObject,
} from "../../../edge/rules/index.ts";
import type { BoxNorm } from "../../../protocol/index.ts";
import { Camera } from "../../support/scenes/index.ts";
import {
  changeBox,
  changeGround,
  changeRule,
  MIRRORED,
  SHRUNK,
  UNCHANGED,
  type ViewChange,
} from "../../support/scenes/view-change.ts";

export interface Step {
  readonly at: number;
  readonly signal: AlarmSignal;
}

export function play(
  config: RuleConfig,
  frames: readonly Scene[],
  surroundings: RuleSurroundings = {},
): Step[] {
  const rule = createRule(config, surroundings);
  return frames.flatMap((scene) =>
    rule.evaluate(scene).map((signal) => ({ at: scene.at, signal })),
  );
}

export const kindsOf = (steps: readonly Step[]): readonly string[] =>
  steps.map(({ signal }) => signal.kind);

/** A box whose lower edge's middle is (x, y). */
export function objectAt(
  label: string,
  [x, y]: readonly [number, number],
  [width, height]: readonly [number, number],
  trackId = 1,
  score = 0.8,
): SceneObject {
  const box = { left: x - width / 2, top: y - height, width, height };
  return { trackId, label, score, box, frames: 10 };
}

const CAMERA = new Camera();

/** The alarms of random scenes do not depend on where and which way round the picture shows them. */
export function expectSameInOtherViews(
  config: RuleConfig,
  labels: readonly string[],
  isOnGround = false,
): void {
  let alarms = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const frames = randomScenes(seed, labels, 0.1);
    for (const isCalibrated of isOnGround ? [false, true] : [false]) {
      const of = (view: ViewChange): readonly object[] => {
        const ground = isCalibrated ? changeGround(CAMERA, view) : undefined;
        const changed = frames.map((scene) => ({
          ...scene,
          objects: scene.objects.map((one) => ({ ...one, box: changeBox(one.box, view) })),
        }));
        return play(changeRule(config, view), changed, { ground }).map(timesOf);
      };
      const plain = of(UNCHANGED);
      alarms += plain.length;
      expect(of(MIRRORED)).toEqual(plain);
      expect(of(SHRUNK)).toEqual(plain);
    }
  }
  expect(alarms).toBeGreaterThan(0);
}

function timesOf({ at, signal }: Step): object {
  const { kind, key } = signal;
  return { at, kind, key, onset: signal.kind === "begin" ? signal.onset : undefined };
}

/** Whatever finite numbers come, the rule gives signals that make sense. */
export function expectNeverThrows(config: RuleConfig, labels: readonly string[]): void {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const side = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), number);
  const box = fc.record<BoxNorm>({ left: side, top: side, width: side, height: side });
  const object = fc.record<SceneObject>({
    trackId: fc.integer({ min: 1, max: 5 }),
    label: fc.constantFrom(...labels),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    box,
    frames: fc.nat(),
  });
  const scene = fc.record<Scene>({
    at: fc.integer({ min: 0, max: 600_000 }),
    aspect: fc.double({ min: 0.2, max: 5, noNaN: true }),
    objects: fc.array(object, { maxLength: 6 }),
  });
  const scenes = fc.array(scene, { maxLength: 12 });
  fc.assert(
    fc.property(scenes, fc.boolean(), (frames, isCalibrated) => {
      const ordered = [...frames].sort((a, b) => a.at - b.at);
      const open = new Set<number>();
      for (const { signal } of play(config, ordered, {
        ground: isCalibrated ? CAMERA : undefined,
      })) {
        expect(open.has(signal.key)).toBe(signal.kind !== "begin");
        if (signal.kind === "end") {
          open.delete(signal.key);
        } else {
          open.add(signal.key);
        }
      }
    }),
    { seed: 1, numRuns: 200 },
  );
}

/** Up to nine objects that walk, stand, vanish and come back under other ids, for 30 s at 5 fps. */
function randomScenes(seed: number, labels: readonly string[], height: number): readonly Scene[] {
  const random = seeded(seed);
  const walkers = Array.from({ length: 9 }, (_, index) => ({
    label: labels[index % labels.length] as string,
    trackId: index + 1,
    x: 0.2 + 0.6 * random(),
    y: 0.4 + 0.5 * random(),
    dx: 0,
    dy: 0,
  }));
  return Array.from({ length: 150 }, (_, frame) => ({
    at: frame * 200,
    aspect: 16 / 9,
    objects: walkers.flatMap((one): readonly SceneObject[] => {
      if (random() < 0.02) {
        const stands = random() < 0.6;
        one.dx = stands ? 0 : 0.02 * (random() - 0.5);
        one.dy = stands ? 0 : 0.02 * (random() - 0.5);
      }
      one.x = Math.min(0.9, Math.max(0.1, one.x + one.dx));
      one.y = Math.min(0.9, Math.max(0.3, one.y + one.dy));
      if (random() < 0.003) {
        one.trackId += 10;
      }
      const jitter = (): number => 0.002 * (random() - 0.5);
      const foot = [one.x + jitter(), one.y + jitter()] as const;
      const seen = objectAt(one.label, foot, [height * 0.6, height], one.trackId);
      return random() < 0.1 ? [] : [seen];
    }),
  }));
}
