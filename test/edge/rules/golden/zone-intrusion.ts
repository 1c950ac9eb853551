import { from, person, type Scenario } from "../../../support/scenes/index.ts";

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for one who walks through the zone",
    durationS: 20,
    rule: (camera) => ({ kind: "zone-intrusion", zone: camera.area(-3, 3, 12, 18) }),
    actors: [person("anna", from([-10, 15]).to([10, 15]))],
    alarms: [{ onsetS: 5, endS: 9.3, object: "anna" }],
  },
];
