import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alarmKey, correlate } from "../../../brain/correlate/index.ts";

const event = fc.record({
  id: fc.uuid(),
  nodeId: fc.constantFrom("a", "b"),
  alarmId: fc.constantFrom("1", "2", "3"),
});

/** The partition of events into incidents, as sets of event ids. */
function groups(events: readonly { id: string; nodeId: string; alarmId: string }[], cut: number) {
  const known = new Map<string, string>();
  const byIncident = new Map<string, string[]>();
  let next = 0;
  for (const batch of [events.slice(0, cut), events.slice(cut)]) {
    for (const command of correlate(known, batch, () => `incident-${String((next += 1))}`)) {
      if (command.kind === "open") {
        known.set(command.key, command.incidentId);
      }
      const ids = byIncident.get(command.incidentId) ?? [];
      byIncident.set(command.incidentId, [...ids, command.event.id]);
    }
  }
  return [...byIncident.values()].map((ids) => ids.sort()).sort();
}

describe("correlation by alarm", () => {
  it("makes one incident per node and alarm, whatever the order and the batches", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(event, { selector: ({ id }) => id, minLength: 1, maxLength: 20 }),
        fc.nat({ max: 20 }),
        fc.infiniteStream(fc.nat()),
        (events, cut, random) => {
          const keyed = events.map((one) => ({ one, key: random.next().value as number }));
          const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ one }) => one);
          expect(groups(shuffled, cut)).toEqual(groups(events, 0));
          expect(groups(events, cut)).toHaveLength(new Set(events.map(alarmKey)).size);
        },
      ),
    );
  });

  it("explains every link", () => {
    const one = { id: "e1", nodeId: "n", alarmId: "a" };
    const two = { ...one, id: "e2" };
    const commands = correlate(new Map(), [one, two], () => "i");
    expect(commands.map(({ kind, link }) => [kind, link])).toEqual([
      ["open", "first event of its alarm"],
      ["join", "same alarm a"],
    ]);
  });
});
