/**
 * `(state, events) → commands`. At this stage one hard key links: the alarm of a node. The order
 * of arrival does not matter: whichever phase comes first opens the incident, the others join.
 */

/** The part of an accepted event that correlation looks at. */
export interface CorrelatedEvent {
  readonly id: string;
  readonly nodeId: string;
  readonly alarmId: string;
}

export interface KnownIncidents {
  /** Incident that a hard key leads to. */
  get(key: string): string | undefined;
}

export type CorrelationCommand<E extends CorrelatedEvent> =
  | {
      readonly kind: "open";
      readonly event: E;
      readonly incidentId: string;
      readonly key: string;
      readonly link: string;
    }
  | {
      readonly kind: "join";
      readonly event: E;
      readonly incidentId: string;
      readonly link: string;
    };

export function alarmKey(event: CorrelatedEvent): string {
  return `alarm:${event.nodeId}:${event.alarmId}`;
}

/** One command per event, in their order; `newId` names incidents that are opened. */
export function correlate<E extends CorrelatedEvent>(
  known: KnownIncidents,
  events: readonly E[],
  newId: () => string,
): CorrelationCommand<E>[] {
  const opened = new Map<string, string>();
  return events.map((event) => {
    const key = alarmKey(event);
    const existing = opened.get(key) ?? known.get(key);
    if (existing !== undefined) {
      return { kind: "join", event, incidentId: existing, link: `same alarm ${event.alarmId}` };
    }
    const incidentId = newId();
    opened.set(key, incidentId);
    return { kind: "open", event, incidentId, key, link: "first event of its alarm" };
  });
}
