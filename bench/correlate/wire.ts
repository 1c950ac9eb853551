/** The way from the nodes to the brain: late, out of order, and some of it twice. */
import { between, exponential, type Random } from "./chance.ts";
import type { Town } from "./town.ts";
import type { Witnessed } from "./witness.ts";

export interface Arrival extends Witnessed {
  /** The brain's clock. */
  readonly arrivedAt: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** In the order of arrival; a tenth comes a second time. */
export function send(
  events: readonly Witnessed[],
  town: Town,
  start: number,
  days: number,
  random: Random,
): Arrival[] {
  const outages = new Map(
    town.nodes.map(({ id }) => {
      const from = start + random() * days * DAY;
      return [id, { from, until: from + between(5 * MINUTE, 40 * MINUTE, random) }] as const;
    }),
  );
  const arrivals = events.flatMap((witnessed) => {
    const { recordedAt, event } = witnessed;
    const outage = outages.get(event.nodeId);
    const isHeld = outage !== undefined && recordedAt >= outage.from && recordedAt < outage.until;
    const sentAt = isHeld ? outage.until : recordedAt;
    const isSlow = random() < 0.03;
    const wayMs = isSlow ? between(2 * MINUTE, 10 * MINUTE, random) : exponential(800, random);
    const arrivedAt = Math.round(sentAt + wayMs);
    const first = { ...witnessed, arrivedAt };
    if (random() >= 0.1) {
      return [first];
    }
    return [
      first,
      { ...witnessed, arrivedAt: Math.round(arrivedAt + exponential(20_000, random)) },
    ];
  });
  return arrivals.sort((a, b) => a.arrivedAt - b.arrivedAt);
}
