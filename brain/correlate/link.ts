/**
 * How surely two alarms are one happening, from the two alone: what lies between them in space and
 * time, and whether their types go together. Symmetric, and it never falls as the alarms grow, so
 * that the links of a set of events do not depend on their order.
 */
import type { AlarmView } from "./alarm-view.ts";
import type { CameraGraph, Travel } from "./camera-graph.ts";
import { distanceM, MAX_ACCURACY_M } from "./place.ts";
import { familyOf, pairRule, type PairRule } from "./type-family.ts";

/** Everything that the score is made of, for an operator to read. */
export interface LinkMeasure {
  readonly kind: "near" | "travel";
  /** 0–1. */
  readonly score: number;
  readonly affinity: number;
  readonly distanceM: number;
  /** Distance at which the space part has fallen to 0.61: radius and both accuracies together. */
  readonly reachM: number;
  readonly gapMs: number;
  readonly windowMs: number;
  readonly sameCamera: boolean;
  readonly sameGrid: boolean;
  /** Of the way between the two cameras, where that is what links them. */
  readonly travel: Travel | null;
}

/** Links need this much. At the same moment: 1.5 reaches apart; at the same place: 1.2 windows. */
export const LINK_THRESHOLD = 0.3;
/** exp(−1.21) < threshold: nothing beyond can link. */
const GAP_LIMIT = 1.21;
/** √(−2 ln threshold), rounded up. */
const REACH_LIMIT = 1.56;
/** A shared grid cell takes away this part of the doubt about the distance. */
const GRID_TRUST = 0.15;
/** A passage that fits the way between two cameras. */
const TRAVEL_SCORE = 0.8;

/** Whether the cause goes from view to view. */
export function doesMove({ code }: AlarmView): boolean {
  return familyOf(code).speedMps > 0;
}

/** No alarm further away than this can be near, where none is placed worse than `worstM`. */
export function searchRadiusM(alarm: AlarmView, worstM = MAX_ACCURACY_M): number {
  const { radiusM, speedMps, windowMs } = familyOf(alarm.code);
  let accuracyM = 0;
  for (const place of alarm.places) {
    accuracyM = Math.max(accuracyM, place.accuracyM);
  }
  const reach = Math.hypot(radiusM, accuracyM, Math.max(worstM, accuracyM));
  return REACH_LIMIT * reach + (speedMps * windowMs * GAP_LIMIT) / 1_000;
}

/** No alarm with a longer pause between can be linked, ms. */
export function searchWindowMs(alarm: AlarmView): number {
  const { windowMs, againMs } = familyOf(alarm.code);
  return GAP_LIMIT * Math.max(windowMs, againMs) + 2 * alarm.slackMs;
}

/** Undefined where the two are not linked. */
export function measureLink(
  a: AlarmView,
  b: AlarmView,
  graph: CameraGraph,
): LinkMeasure | undefined {
  const rule = pairRule(a.code, b.code);
  if (rule === undefined || a.exercise !== b.exercise) {
    return undefined;
  }
  const sameCamera = a.camera === b.camera;
  if (rule.sameCameraOnly && !sameCamera) {
    return undefined;
  }
  const gap = Math.max(a.start, b.start) - Math.min(a.end, b.end);
  const gapMs = Math.max(0, gap - a.slackMs - b.slackMs);
  return near(a, b, rule, gapMs, sameCamera) ?? travelled(a, b, rule, gapMs, graph);
}

function near(
  a: AlarmView,
  b: AlarmView,
  rule: PairRule,
  gapMs: number,
  sameCamera: boolean,
): LinkMeasure | undefined {
  const windowMs = sameCamera ? rule.againMs : rule.windowMs;
  if (gapMs > windowMs * GAP_LIMIT) {
    return undefined;
  }
  const walkedM = sameCamera ? 0 : walkM(rule, Math.abs(a.start - b.start));
  let best = Number.POSITIVE_INFINITY;
  let apartM = 0;
  let reachM = 1;
  for (const from of a.places) {
    for (const to of b.places) {
      const apart = distanceM(from, to);
      const reach = Math.hypot(rule.radiusM, from.accuracyM, to.accuracyM);
      const ratio = Math.max(0, apart - walkedM) / reach;
      if (ratio < best) {
        best = ratio;
        apartM = apart;
        reachM = reach;
      }
    }
  }
  const sameGrid = a.gridCode !== null && a.gridCode === b.gridCode;
  const plain = Math.exp(-(best * best) / 2);
  const space = sameGrid ? plain + (1 - plain) * GRID_TRUST * plain : plain;
  const score = rule.affinity * space * Math.exp(-gapMs / windowMs);
  if (score < LINK_THRESHOLD) {
    return undefined;
  }
  const { affinity } = rule;
  return {
    kind: "near",
    score,
    affinity,
    distanceM: apartM,
    reachM,
    gapMs,
    windowMs,
    sameCamera,
    sameGrid,
    travel: null,
  };
}

/**
 * How far the cause may have moved between two onsets. The pause between the alarms would say it
 * better, but it shrinks as they grow, and a link must never be lost again.
 */
function walkM({ speedMps, windowMs }: PairRule, apartMs: number): number {
  return (speedMps * Math.min(apartMs, windowMs * GAP_LIMIT)) / 1_000;
}

/** The cause left one view and came into the next, in a time that the way takes. */
function travelled(
  a: AlarmView,
  b: AlarmView,
  rule: PairRule,
  gapMs: number,
  graph: CameraGraph,
): LinkMeasure | undefined {
  if (rule.speedMps === 0) {
    return undefined;
  }
  const travel = graph.travel(a.camera, b.camera);
  if (travel === undefined) {
    return undefined;
  }
  const slackMs = a.slackMs + b.slackMs;
  // Onset to onset: the pause alone would shrink as the alarms grow.
  const tookMs = Math.abs(a.start - b.start);
  if (gapMs > travel.maxMs || tookMs + slackMs < travel.minMs) {
    return undefined;
  }
  const score = rule.affinity * TRAVEL_SCORE;
  if (score < LINK_THRESHOLD) {
    return undefined;
  }
  return {
    kind: "travel",
    score,
    affinity: rule.affinity,
    distanceM: distanceM(a.places[0] as never, b.places[0] as never),
    reachM: 0,
    gapMs,
    windowMs: travel.maxMs,
    sameCamera: false,
    sameGrid: a.gridCode !== null && a.gridCode === b.gridCode,
    travel,
  };
}
