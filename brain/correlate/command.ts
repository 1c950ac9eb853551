/** What correlation decides. Commands are applied to the state and written by the brain as they are. */
import type { AlarmView } from "./alarm-view.ts";
import type { Explanation } from "./explanation.ts";
import type { Attention } from "./incident.ts";
import type { Sighting } from "./sighting.ts";

export type CorrelationCommand =
  | {
      readonly kind: "open";
      readonly sighting: Sighting;
      /** The sighting's alarm, with it. */
      readonly view: AlarmView;
      readonly incidentId: string;
      readonly attention: Attention;
      /** The incident gathers what its camera has too much of. */
      readonly storm: boolean;
      readonly explanation: Explanation;
    }
  | {
      readonly kind: "join";
      readonly sighting: Sighting;
      readonly view: AlarmView;
      readonly incidentId: string;
      /** What this event asks for by itself; the incident asks for the greatest of its events. */
      readonly attention: Attention;
      readonly explanation: Explanation;
    }
  /** The sighting showed that the two are one. */
  | {
      readonly kind: "merge";
      readonly sighting: Sighting;
      readonly winnerId: string;
      readonly loserId: string;
      readonly explanation: Explanation;
    }
  /** No alarm of the incident goes on any more. */
  | {
      readonly kind: "clear";
      readonly sighting: Sighting;
      readonly incidentId: string;
      /** `cancelled` where every alarm was a mistake. */
      readonly outcome: "ended" | "cancelled";
    }
  /** The event is kept and counted, and opens no case. */
  | {
      readonly kind: "suppress";
      readonly sighting: Sighting;
      readonly incidentId: string;
      readonly by: "storm" | "silence" | "maintenance";
      readonly silenceId: string | null;
      readonly isNewAlarm: boolean;
    };
