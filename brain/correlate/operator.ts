/** What an operator decides about incidents, checked before it is written. */
import { PermanentError } from "../../protocol/index.ts";
import type { Explanation } from "./explanation.ts";

export interface OperatorDecision {
  readonly actor: string;
  readonly reason: string;
}

export interface SplitCommand {
  readonly kind: "split";
  readonly incidentId: string;
  /** The incident that the alarms leave for. The two are never joined again by themselves. */
  readonly newIncidentId: string;
  readonly alarmKeys: readonly string[];
  readonly explanation: Explanation;
}

export interface OperatorMerge {
  readonly kind: "merge";
  readonly winnerId: string;
  readonly loserId: string;
  readonly explanation: Explanation;
}

/**
 * @throws PermanentError STATE_CONFLICT where the alarms are none, all, or not the incident's;
 * COMMAND_REFUSED without a reason.
 */
export function splitIncident(
  incident: { readonly id: string; readonly alarmKeys: readonly string[] },
  alarmKeys: readonly string[],
  newIncidentId: string,
  decision: OperatorDecision,
): SplitCommand {
  const leaving = [...new Set(alarmKeys)];
  const strangers = leaving.filter((key) => !incident.alarmKeys.includes(key));
  if (strangers.length > 0) {
    throw new PermanentError("STATE_CONFLICT", "An alarm is not part of the incident", {
      where: `incident ${incident.id}`,
      expected: "alarms that belong to the incident now",
      got: strangers.slice(0, 5).join(", "),
    });
  }
  if (leaving.length === 0 || leaving.length === incident.alarmKeys.length) {
    throw new PermanentError(
      "STATE_CONFLICT",
      "A split takes some of the alarms, not all or none",
      {
        where: `incident ${incident.id}`,
        expected: `1 to ${incident.alarmKeys.length - 1} alarms`,
        got: `${leaving.length}`,
      },
    );
  }
  return {
    kind: "split",
    incidentId: incident.id,
    newIncidentId,
    alarmKeys: leaving,
    explanation: decided(decision),
  };
}

/**
 * The operator names the survivor. Caps do not bind an operator, and a separation of before ends.
 *
 * @throws PermanentError STATE_CONFLICT for one incident twice; COMMAND_REFUSED without a reason.
 */
export function mergeIncidents(
  winnerId: string,
  loserId: string,
  decision: OperatorDecision,
): OperatorMerge {
  if (winnerId === loserId) {
    throw new PermanentError("STATE_CONFLICT", "An incident cannot be merged with itself", {
      expected: "two incidents",
      got: winnerId,
    });
  }
  return { kind: "merge", winnerId, loserId, explanation: decided(decision) };
}

function decided({ actor, reason }: OperatorDecision): Explanation {
  if (reason.trim() === "") {
    throw new PermanentError("COMMAND_REFUSED", "The decision needs a reason", {
      where: "reason",
      expected: "a few words",
      got: "nothing",
    });
  }
  return {
    reason: { kind: "operator", actor, reason: reason.trim() },
    lateMs: null,
    silencedBy: null,
    refused: [],
  };
}
