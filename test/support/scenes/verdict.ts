/** Compares the alarms that a scenario gave with those it has to give. */
import { iou } from "../../../protocol/index.ts";
import { bodyAt } from "./actor.ts";
import type { Played, PlayedAlarm, PlayOptions } from "./play.ts";
import { cameraOf, type ExpectedAlarm, type Scenario } from "./scenario.ts";
import { changeBox, UNCHANGED } from "./view-change.ts";

const TOLERANCE_S = 0.3;
/** Noise may hide the first moments of a cause. */
const NOISE_TOLERANCE_S = 0.7;
/** The box of an alarm that shows an actor overlaps it by this much. */
const SHOWS = 0.3;

export interface Verdict {
  /** Expected alarms that came, those that did not, and alarms that nobody expected. */
  readonly hits: number;
  readonly missed: number;
  readonly wrong: number;
  /** What is not as it should be, in words. */
  readonly faults: readonly string[];
}

export function judge(scenario: Scenario, played: Played, options: PlayOptions): Verdict {
  const left = [...played.alarms];
  const faults: string[] = [];
  let hits = 0;
  for (const expected of scenario.alarms) {
    const alarm = left
      .filter((one) => isOnset(one, expected, options))
      .sort((a, b) => distance(a, expected) - distance(b, expected))[0];
    if (alarm === undefined) {
      faults.push(`no alarm with its onset at ${expected.onsetS} s`);
      continue;
    }
    left.splice(left.indexOf(alarm), 1);
    hits++;
    faults.push(...faultsOf(scenario, alarm, expected, options));
  }
  faults.push(...left.map((alarm) => `unexpected alarm: ${tell(alarm)}`));
  const counted = judgeCounts(scenario, played);
  return {
    hits: hits + counted.hits,
    missed: scenario.alarms.length - hits + counted.missed,
    wrong: left.length + counted.wrong,
    faults: [...faults, ...counted.faults],
  };
}

function toleranceOf(expected: ExpectedAlarm, { fps, seed }: PlayOptions): number {
  const noise = seed === undefined ? 0 : NOISE_TOLERANCE_S;
  return (expected.toleranceS ?? TOLERANCE_S) + noise + 1 / fps + 1e-3;
}

function isOnset(alarm: PlayedAlarm, expected: ExpectedAlarm, options: PlayOptions): boolean {
  return distance(alarm, expected) <= toleranceOf(expected, options);
}

function distance(alarm: PlayedAlarm, expected: ExpectedAlarm): number {
  return Math.abs(alarm.onsetS - expected.onsetS);
}

function faultsOf(
  scenario: Scenario,
  alarm: PlayedAlarm,
  expected: ExpectedAlarm,
  options: PlayOptions,
): readonly string[] {
  const faults: string[] = [];
  if (expected.endS === "open" ? alarm.endS !== undefined : !isEnd(alarm, expected, options)) {
    faults.push(`end at ${String(alarm.endS)} s, expected ${String(expected.endS)}`);
  }
  if (expected.object !== undefined && !shows(scenario, alarm, expected.object, options)) {
    faults.push(`the alarm of ${alarm.begunS} s does not show ${expected.object}`);
  }
  for (const [name, value] of Object.entries(expected.measures ?? {})) {
    if (options.seed === undefined && alarm.measures[name] !== value) {
      faults.push(`${name} is ${String(alarm.measures[name])}, expected ${value}`);
    }
  }
  return faults;
}

function isEnd({ endS }: PlayedAlarm, expected: ExpectedAlarm, options: PlayOptions): boolean {
  if (typeof expected.endS !== "number") {
    return true;
  }
  return endS !== undefined && Math.abs(endS - expected.endS) <= toleranceOf(expected, options);
}

function shows(
  scenario: Scenario,
  { object, begunS }: PlayedAlarm,
  name: string,
  { view = UNCHANGED }: PlayOptions,
): boolean {
  const actor = scenario.actors.find((one) => one.name === name);
  const body = actor && bodyAt(actor, begunS);
  const box = body && cameraOf(scenario).boxOf(body);
  return box !== undefined && object?.box !== undefined
    ? iou(changeBox(box, view), object.box) >= SHOWS
    : false;
}

/** A count too low is so many missed, one too high so many wrong. */
function judgeCounts({ counts = {} }: Scenario, played: Played): Verdict {
  const verdict = { hits: 0, missed: 0, wrong: 0, faults: [] as string[] };
  for (const [name, expected] of Object.entries(counts)) {
    const got = played.counts[name] ?? 0;
    const [size, counted] = [Math.abs(expected), Math.abs(got)];
    verdict.hits += Math.min(size, counted);
    verdict.missed += Math.max(0, size - counted);
    verdict.wrong += Math.max(0, counted - size);
    if (got !== expected) {
      verdict.faults.push(`counted ${got} ${name}, expected ${expected}`);
    }
  }
  return verdict;
}

function tell({ onsetS, begunS, endS, object }: PlayedAlarm): string {
  const end = endS === undefined ? "open" : endS.toFixed(1);
  return `${onsetS.toFixed(1)}–${end} s (said at ${begunS.toFixed(1)}), ${object?.label ?? "nothing"}`;
}
