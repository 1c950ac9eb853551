/** What a further event changes of its case, whatever the order of arrival. */
import type { Phase, TimelineKind } from "../../protocol/index.ts";

export interface NewestEvent {
  readonly phase: Phase;
  /** Zero-padded digits, so that text order is number order. */
  readonly sequence: string;
}

/** A case shows the phase of the event with the highest sequence. */
export function newerEvent(current: NewestEvent, arrived: NewestEvent): NewestEvent {
  return arrived.sequence > current.sequence ? arrived : current;
}

const KIND_OF_PHASE: Readonly<Record<Phase, TimelineKind>> = {
  new: "updated",
  update: "updated",
  end: "ended",
  cancel: "cancelled",
};

/** How the timeline names an event that joins a case. */
export function timelineKindOf(phase: Phase): TimelineKind {
  return KIND_OF_PHASE[phase];
}
