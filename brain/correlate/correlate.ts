/**
 * `(state, sighting) → commands`: which incident an event belongs to, and which incidents it shows
 * to be one. Links are made from pairs of alarms alone (`link.ts`) and incidents are what links
 * hold together, so the order of arrival matters only where a cap on size refuses a link.
 */
import { type AlarmView, grow, isActive, viewOf } from "./alarm-view.ts";
import { type CameraGraph, NO_GRAPH } from "./camera-graph.ts";
import type { CorrelationCommand } from "./command.ts";
import type { Explanation, LinkReason, RefusedLink } from "./explanation.ts";
import { excessOf, hullOf, type IncidentHull, joinHulls, stretch } from "./incident-hull.ts";
import { type Attention, compareIncidents, type Incident, type KnownAlarm } from "./incident.ts";
import { findLinks, type IncidentLink } from "./link-search.ts";
import { cameraKey, type Sighting } from "./sighting.ts";
import { findSilence, type Silence } from "./silence.ts";
import type { CorrelationState } from "./state.ts";
import { stormMinute } from "./storm.ts";

export interface CorrelationPolicy {
  /** What is told of longer ago than this sends nobody out by itself, ms. */
  readonly lateAfterMs: number;
  /** Incidents that one camera may begin in a minute. */
  readonly stormLimit: number;
}

export const DEFAULT_CORRELATION: CorrelationPolicy = {
  lateAfterMs: 30 * 60_000,
  stormLimit: 20,
};

export interface CorrelationContext {
  readonly policy: CorrelationPolicy;
  readonly graph: CameraGraph;
  readonly silences: readonly Silence[];
  /** Names incidents that are opened. */
  readonly newId: () => string;
}

export function correlationContext(
  given: Partial<CorrelationContext> & Pick<CorrelationContext, "newId">,
): CorrelationContext {
  return { policy: DEFAULT_CORRELATION, graph: NO_GRAPH, silences: [], ...given };
}

/** Decides and applies, event by event. */
export function correlate(
  state: CorrelationState,
  sightings: Iterable<Sighting>,
  context: CorrelationContext,
): CorrelationCommand[] {
  const commands: CorrelationCommand[] = [];
  for (const sighting of sightings) {
    for (const command of decide(state, sighting, context)) {
      commands.push(command);
      state.apply(command);
    }
  }
  return commands;
}

/** Decides and changes nothing. A repeat of a known event gives no command. */
export function decide(
  state: CorrelationState,
  sighting: Sighting,
  context: CorrelationContext,
): CorrelationCommand[] {
  if (state.hasSeen(sighting.eventId)) {
    return [];
  }
  const known = state.alarm(sighting.key);
  const view = known === undefined ? viewOf(sighting) : grow(known.view, sighting);
  const facts = judge(sighting, view, context);
  const isStorm = known?.incident.kind === "storm";
  const links =
    isStorm || view === known?.view ? [] : findLinks(state, view, known?.incident, context.graph);
  const commands: CorrelationCommand[] = [];
  if (known !== undefined) {
    joinKnown(commands, known, view, links, facts);
  } else {
    placeNew(commands, state, view, links, facts, context);
  }
  return commands;
}

/** What the event says of itself. */
interface Facts {
  readonly sighting: Sighting;
  readonly attention: Attention;
  readonly silence: Silence | undefined;
  readonly lateMs: number | null;
}

function judge(
  sighting: Sighting,
  { phase }: AlarmView,
  { policy, silences }: CorrelationContext,
): Facts {
  const ageMs = sighting.acceptedAt - sighting.end;
  const lateMs = ageMs > policy.lateAfterMs ? ageMs : null;
  const silence = silences.length === 0 ? undefined : findSilence(silences, sighting);
  // Also what came before the cancellation and arrives after it.
  const isNothing = silence !== undefined || phase === "cancel";
  const attention = isNothing ? "none" : lateMs === null ? "full" : "review";
  return { sighting, attention, silence, lateMs };
}

function joinKnown(
  commands: CorrelationCommand[],
  known: KnownAlarm,
  view: AlarmView,
  links: readonly IncidentLink[],
  facts: Facts,
): void {
  const { sighting } = facts;
  const { incident } = known;
  const reason: LinkReason = { kind: "alarm", alarmId: sighting.alarmId };
  const refused: RefusedLink[] = [];
  const merging =
    links.length === 0 ? undefined : new Merging(incident, stretch(incident.hull, view), facts);
  const merges = merging?.absorb(links, refused);
  commands.push({
    kind: "join",
    sighting,
    view,
    incidentId: incident.id,
    attention: facts.attention,
    explanation: explanationOf(reason, facts, refused),
  });
  suppressed(commands, facts, incident, false);
  if (merges !== undefined) {
    commands.push(...merges);
  }
  cleared(commands, sighting, merging ?? incident, known.view, view);
}

type Counts = Pick<Incident, "alarmCount" | "activeCount" | "cancelledCount">;

function placeNew(
  commands: CorrelationCommand[],
  state: CorrelationState,
  view: AlarmView,
  links: readonly IncidentLink[],
  facts: Facts,
  context: CorrelationContext,
): void {
  const { sighting, attention } = facts;
  const refused: RefusedLink[] = [];
  const hull = hullOf(view);
  const home = links.find(({ incident, reason, score }) => {
    // What nobody acts on is taken into what somebody may have to act on, never the reverse.
    if (attention !== "none" && incident.attention === "none") {
      return false;
    }
    const because = excessBy(reason, joinHulls(incident.hull, hull));
    if (because !== undefined) {
      refused.push({ incidentId: incident.id, because, score });
    }
    return because === undefined;
  });
  if (home === undefined) {
    openNew(commands, state, view, links, facts, context, refused);
    return;
  }
  const { incident, reason } = home;
  const merging = new Merging(incident, joinHulls(incident.hull, hull), facts);
  const rest = links.filter(
    (link) => link !== home && !refused.some(({ incidentId }) => incidentId === link.incident.id),
  );
  const merges = merging.absorb(rest, refused);
  commands.push({
    kind: "join",
    sighting,
    view,
    incidentId: incident.id,
    attention,
    explanation: explanationOf(reason, facts, refused),
  });
  suppressed(commands, facts, incident, true);
  commands.push(...merges);
}

function openNew(
  commands: CorrelationCommand[],
  state: CorrelationState,
  view: AlarmView,
  links: readonly IncidentLink[],
  facts: Facts,
  { newId, policy }: CorrelationContext,
  refused: RefusedLink[],
): void {
  const { sighting, attention } = facts;
  const camera = cameraKey(sighting);
  const isStorm = (state.storms.peek(sighting)?.opened ?? 0) >= policy.stormLimit;
  const stormId = isStorm ? state.storms.stormOf(sighting) : undefined;
  const reason: LinkReason = isStorm
    ? { kind: "storm", camera, limit: policy.stormLimit, minute: stormMinute(sighting) }
    : { kind: "first" };
  const explanation = explanationOf(reason, facts, refused);
  if (stormId !== undefined) {
    commands.push({ kind: "join", sighting, view, incidentId: stormId, attention, explanation });
    commands.push(suppressedBy("storm", sighting, stormId, true));
    return;
  }
  const incidentId = newId();
  const opening = { sighting, view, incidentId, storm: isStorm, explanation };
  commands.push({ kind: "open", ...opening, attention });
  if (isStorm) {
    commands.push(suppressedBy("storm", sighting, incidentId, true));
    return;
  }
  suppressed(commands, facts, { id: incidentId, kind: "plain" }, true);
  const voids = links.filter(
    ({ incident }) => attention !== "none" && incident.attention === "none",
  );
  let hull = hullOf(view);
  for (const { incident, reason: why } of voids) {
    const joined = joinHulls(hull, incident.hull);
    if (excessBy(why, joined) === undefined) {
      hull = joined;
      const because = explanationOf(why, facts, []);
      const loserId = incident.id;
      commands.push({
        kind: "merge",
        sighting,
        winnerId: incidentId,
        loserId,
        explanation: because,
      });
    }
  }
}

/** Caps stop chains of likenesses; the same ticket is the same thing however far it reaches. */
function excessBy(reason: LinkReason, hull: IncidentHull): ReturnType<typeof excessOf> {
  return reason.kind === "entity" ? undefined : excessOf(hull);
}

/** Follows an incident through the merges of one event, so that caps see the whole of it. */
class Merging {
  current: Incident;
  alarmCount: number;
  activeCount: number;
  cancelledCount: number;
  readonly #facts: Facts;
  #hull: IncidentHull;
  readonly #members: Incident[];

  constructor(home: Incident, hull: IncidentHull, facts: Facts) {
    this.current = home;
    this.alarmCount = home.alarmCount;
    this.activeCount = home.activeCount;
    this.cancelledCount = home.cancelledCount;
    this.#hull = hull;
    this.#facts = facts;
    this.#members = [home];
  }

  get id(): string {
    return this.current.id;
  }

  absorb(links: readonly IncidentLink[], refused: RefusedLink[]): CorrelationCommand[] {
    const commands: CorrelationCommand[] = [];
    for (const { incident, reason, score } of links) {
      const hull = joinHulls(this.#hull, incident.hull);
      const because = this.#isApart(incident) ? "separated" : excessBy(reason, hull);
      if (because !== undefined) {
        refused.push({ incidentId: incident.id, because, score });
        continue;
      }
      const homeWins = compareIncidents(this.current, incident) < 0;
      const [winner, loser] = homeWins ? [this.current, incident] : [incident, this.current];
      commands.push({
        kind: "merge",
        sighting: this.#facts.sighting,
        winnerId: winner.id,
        loserId: loser.id,
        explanation: explanationOf(reason, this.#facts, []),
      });
      this.#members.push(incident);
      this.alarmCount += incident.alarmCount;
      this.activeCount += incident.activeCount;
      this.cancelledCount += incident.cancelledCount;
      this.current = winner;
      this.#hull = hull;
    }
    return commands;
  }

  #isApart(incident: Incident): boolean {
    return this.#members.some(({ id, apart }) => incident.apart.has(id) || apart.has(incident.id));
  }
}

function cleared(
  commands: CorrelationCommand[],
  sighting: Sighting,
  whole: Counts & { readonly id: string },
  before: AlarmView,
  after: AlarmView,
): void {
  const hasEnded = isActive(before) && !isActive(after);
  if (hasEnded && whole.activeCount === 1) {
    const areMistakes = after.phase === "cancel" && whole.cancelledCount + 1 === whole.alarmCount;
    commands.push({
      kind: "clear",
      sighting,
      incidentId: whole.id,
      outcome: areMistakes ? "cancelled" : "ended",
    });
  }
}

function suppressed(
  commands: CorrelationCommand[],
  { sighting, silence }: Facts,
  incident: Pick<Incident, "id" | "kind">,
  isNewAlarm: boolean,
): void {
  if (incident.kind === "storm") {
    commands.push(suppressedBy("storm", sighting, incident.id, isNewAlarm));
  } else if (silence !== undefined) {
    const silenceId = silence.id;
    commands.push({
      ...suppressedBy(silence.kind, sighting, incident.id, isNewAlarm),
      silenceId,
    });
  }
}

type Suppression = Extract<CorrelationCommand, { kind: "suppress" }>;

function suppressedBy(
  by: Suppression["by"],
  sighting: Sighting,
  incidentId: string,
  isNewAlarm: boolean,
): Suppression {
  return { kind: "suppress", sighting, incidentId, by, silenceId: null, isNewAlarm };
}

function explanationOf(
  reason: LinkReason,
  { lateMs, silence }: Facts,
  refused: readonly RefusedLink[],
): Explanation {
  return { reason, lateMs, silencedBy: silence?.id ?? null, refused };
}
