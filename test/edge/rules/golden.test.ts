/** Every golden scenario of every rule: exact without noise, nearly so with it. */
import { describe, expect, it } from "vitest";
import {
  judge,
  loadGolden,
  MIRRORED,
  play,
  RATES,
  Score,
  scoreWithNoise,
  SHRUNK,
  type Played,
} from "../../support/scenes/index.ts";

const SEEDS = [1, 2];
const RULE_BAR = 0.9;
const OVERALL_BAR = 0.95;
/** Hundreds of scenes are played in these. */
const NOISE_TIMEOUT_MS = 120_000;

const golden = await loadGolden();
const all = [...golden].flatMap(([kind, scenarios]) =>
  scenarios.map((scenario) => ({ kind, name: scenario.name, scenario })),
);

describe.each(all)("$kind $name", ({ scenario }) => {
  const played = new Map<number, Played>();
  const playAt = (fps: number): Played => {
    const result = played.get(fps) ?? play(scenario, { fps });
    played.set(fps, result);
    return result;
  };

  it.each(RATES)("at %d frames a second", (fps) => {
    expect(judge(scenario, playAt(fps), { fps }).faults).toEqual([]);
  });

  it("with the same onsets at all rates", () => {
    const onsets = RATES.map((fps) => onsetsOf(playAt(fps)));
    for (const [index, fps] of RATES.entries()) {
      // Each rate sees the first frame of the cause up to one of its frames late.
      const between = 1 / fps + 1 / RATES[0];
      expect(onsets[index]).toHaveLength(onsets[0]?.length ?? 0);
      onsets[index]?.forEach((onsetS, alarm) => {
        expect(Math.abs(onsetS - (onsets[0]?.[alarm] ?? NaN))).toBeLessThanOrEqual(between + 1e-3);
      });
    }
  });

  const views = scenario.isAtBorder === true ? [MIRRORED] : [MIRRORED, SHRUNK];
  it.each(views)("$name", (view) => {
    const options = { fps: 5, view };
    expect(judge(scenario, play(scenario, options), options).faults).toEqual([]);
  });
});

function onsetsOf({ alarms }: Played): readonly number[] {
  return alarms.map(({ onsetS }) => onsetS).sort((a, b) => a - b);
}

describe("with jitter, dropped and false detections", { timeout: NOISE_TIMEOUT_MS }, () => {
  const scores = new Map<string, Score>();
  const scoreOf = (kind: string): Score => {
    const score = scores.get(kind) ?? scoreWithNoise(golden.get(kind) ?? [], SEEDS);
    scores.set(kind, score);
    return score;
  };

  it.each([...golden.keys()])("%s stays precise and misses little", (kind) => {
    const score = scoreOf(kind);
    expect(score.precision, score.faults.join("\n")).toBeGreaterThanOrEqual(RULE_BAR);
    expect(score.recall, score.faults.join("\n")).toBeGreaterThanOrEqual(RULE_BAR);
  });

  it("all rules together too", () => {
    const total = new Score();
    for (const kind of golden.keys()) {
      total.add(scoreOf(kind));
    }
    expect(total.precision).toBeGreaterThanOrEqual(OVERALL_BAR);
    expect(total.recall).toBeGreaterThanOrEqual(OVERALL_BAR);
  });
});
