/** Why an event belongs to its incident: as data for the record, as a sentence for an operator. */
import type { EpochMs } from "../../protocol/index.ts";
import type { AlarmView } from "./alarm-view.ts";
import type { LinkMeasure } from "./link.ts";

export interface AlarmReference {
  readonly key: string;
  readonly camera: string;
  readonly code: string;
}

export type LinkReason =
  | { readonly kind: "first" }
  | { readonly kind: "alarm"; readonly alarmId: string }
  | { readonly kind: "entity"; readonly entityKey: string; readonly to: AlarmReference }
  | { readonly kind: "score"; readonly to: AlarmReference; readonly measure: LinkMeasure }
  | {
      readonly kind: "storm";
      readonly camera: string;
      readonly limit: number;
      readonly minute: EpochMs;
    }
  | { readonly kind: "operator"; readonly actor: string; readonly reason: string };

/** A link that was seen and not made. */
export interface RefusedLink {
  readonly incidentId: string;
  readonly because: "diameter" | "duration" | "separated";
  readonly score: number;
}

export interface Explanation {
  readonly reason: LinkReason;
  /** The event came this long after what it tells of, ms, so that nobody is sent out for it. */
  readonly lateMs: number | null;
  readonly silencedBy: string | null;
  readonly refused: readonly RefusedLink[];
}

export function referTo({ key, camera, code }: AlarmView): AlarmReference {
  return { key, camera, code };
}

/** One sentence, or a few short ones. */
export function explain({ reason, lateMs, silencedBy, refused }: Explanation): string {
  const sentences = [explainReason(reason)];
  if (lateMs !== null) {
    sentences.push(`it came ${seconds(lateMs)} late and sends nobody out`);
  }
  if (silencedBy !== null) {
    sentences.push(`silenced by ${silencedBy}`);
  }
  for (const { incidentId, because } of refused) {
    sentences.push(`not joined to incident ${incidentId}: ${REFUSALS[because]}`);
  }
  return sentences.join("; ");
}

const REFUSALS: Readonly<Record<RefusedLink["because"], string>> = {
  diameter: "together they would be too far across",
  duration: "together they would last too long",
  separated: "an operator separated them",
};

function explainReason(reason: LinkReason): string {
  switch (reason.kind) {
    case "first":
      return "first event of its incident";
    case "alarm":
      return `same alarm ${reason.alarmId}`;
    case "entity":
      return `same ${reason.entityKey} as ${reason.to.code} of camera ${reason.to.camera}`;
    case "storm":
      return `camera ${reason.camera} began more than ${reason.limit} incidents in one minute`;
    case "operator":
      return `${reason.actor}: ${reason.reason}`;
    case "score":
      return explainScore(reason.to, reason.measure);
  }
}

function explainScore(to: AlarmReference, measure: LinkMeasure): string {
  const where = measure.sameCamera ? "the same camera" : `camera ${to.camera}`;
  const score = measure.score.toFixed(2);
  const gap = measure.gapMs === 0 ? "at the same time as" : `${seconds(measure.gapMs)} from`;
  if (measure.kind === "travel") {
    return `${gap} ${to.code} of ${where}, as long as the way there takes (score ${score})`;
  }
  const grid = measure.sameGrid ? ", in the same grid cell" : "";
  return `${Math.round(measure.distanceM)} m and ${gap} ${to.code} of ${where}${grid} (score ${score})`;
}

function seconds(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
