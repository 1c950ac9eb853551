/**
 * T2: accepted events become incidents, cases, tasks and deliveries in one transaction. Nothing
 * outside the database happens here, so that a crash at any point leaves all of it or nothing.
 */
import type { Transaction } from "kysely";
import type { FilingPolicy, FindEndpoint, RouteType, WorkTime } from "../cases/index.ts";
import {
  type Attention,
  type CameraGraph,
  correlate,
  correlationContext,
  type CorrelationCommand,
  type CorrelationPolicy,
  DEFAULT_CORRELATION,
  explain,
  type Incident,
  type KnownAlarm,
  NO_GRAPH,
} from "../correlate/index.ts";
import type { EpochMs, Phase, Severity } from "../../protocol/index.ts";
import { lockCases, publishCases, type Schema } from "../store/index.ts";
import { type CaseMerge, type CaseRaise, mergeCases, raiseCases } from "./change-cases.ts";
import { type InboxEvent, type LocateEvent, readInbox, sightingOfEvent } from "./inbox-event.ts";
import { type CaseJoin, joinCases, type JoinedEvent } from "./join-cases.ts";
import { loadCorrelation, type LoadedCorrelation } from "./load-correlation.ts";
import { type CaseOpening, openCases, typeOfCase } from "./open-cases.ts";
import {
  storedMerges,
  type StoredMerge,
  type Survivors,
  survivorsOf,
  recountEvents,
  writeAlarms,
  writeIncidents,
  writeLinks,
  writeMerges,
  writeStormSlots,
  writeSuppressions,
} from "./write-correlation.ts";

export interface WorkOffInput {
  readonly now: EpochMs;
  readonly newId: () => string;
  readonly filing: FilingPolicy;
  readonly findEndpoint: FindEndpoint;
  /** Who leads at a place; the catalogue alone where absent. */
  readonly route?: RouteType;
  readonly cameraName: (nodeId: string, cameraId: string) => string | undefined;
  /** Which cameras lie next to each other; nothing is followed from view to view where absent. */
  readonly cameraGraph?: () => CameraGraph;
  /** No camera is held back where absent. */
  readonly correlation?: CorrelationPolicy;
  /** Asks the town for an event's grid; events keep what they say where absent. */
  readonly locate?: LocateEvent;
  /** The town's calendar; all time counts where absent. */
  readonly work?: WorkTime;
}

export interface WorkedOff {
  /** Events taken from the inbox. */
  readonly events: number;
  /** Endpoints that have something new to receive. */
  readonly endpointIds: readonly string[];
}

/** Works off up to `limit` events, oldest first; `only` picks a single position. */
export async function workOff(
  tx: Transaction<Schema>,
  input: WorkOffInput,
  limit: number,
  only?: number,
): Promise<WorkedOff> {
  await lockCases(tx);
  const events = (await readInbox(tx, limit, only)).map((event) => locateIn(event, input));
  if (events.length === 0) {
    return { events: 0, endpointIds: [] };
  }
  const batch = await correlateBatch(tx, events, input);
  const { survivors, touched, commands } = batch;
  await writeIncidents(
    tx,
    touched.map(({ incident }) => incident),
    input.now,
  );
  const isStored = (id: string): boolean => batch.loaded.stored.has(id);
  const merges = storedMerges(commands, isStored, survivors);
  await writeMerges(tx, merges, input.now);
  await writeAlarms(tx, batch.alarms);
  const positions = events.map(({ position }) => position);
  await writeLinks(tx, commands.filter(isPlaced), positions, survivors);
  const { state } = batch.loaded;
  await writeStormSlots(tx, state, batch.sightings, survivors);
  await writeSuppressions(tx, commands, survivors);
  const endpointIds = await changeCases(tx, batch, merges, input);
  return { events: events.length, endpointIds };
}

/** An event without a grid, or with one that the town does not know, gets it from its point. */
function locateIn(event: InboxEvent, { locate }: WorkOffInput): InboxEvent {
  if (locate === undefined) {
    return event;
  }
  const { event: body, grid } = locate(event.body);
  return { ...event, body, grid };
}

/** What became of one incident in this batch. */
interface Touched {
  readonly incident: Incident;
  readonly attentionBefore: Attention;
  readonly events: readonly TouchedEvent[];
}

interface TouchedEvent extends JoinedEvent {
  readonly attention: Attention;
}

interface Batch {
  readonly loaded: LoadedCorrelation;
  readonly commands: readonly CorrelationCommand[];
  readonly survivors: Survivors;
  readonly sightings: readonly ReturnType<typeof sightingOfEvent>[];
  readonly touched: readonly Touched[];
  readonly alarms: readonly KnownAlarm[];
}

type Placed = Extract<CorrelationCommand, { kind: "open" | "join" }>;

function isPlaced(command: CorrelationCommand): command is Placed {
  return command.kind === "open" || command.kind === "join";
}

async function correlateBatch(
  tx: Transaction<Schema>,
  events: readonly InboxEvent[],
  input: WorkOffInput,
): Promise<Batch> {
  const graph = input.cameraGraph?.() ?? NO_GRAPH;
  const sightings = events.map(sightingOfEvent);
  const loaded = await loadCorrelation(tx, sightings, graph);
  const { state } = loaded;
  const before = new Map([...state.incidents()].map(({ id, attention }) => [id, attention]));
  const context = correlationContext({
    newId: input.newId,
    graph,
    silences: loaded.silences,
    policy: input.correlation ?? UNLIMITED,
  });
  const commands = correlate(state, sightings, context);
  const survivors = survivorsOf(commands);
  const byId = new Map(events.map((event) => [event.id, event]));
  const groups = new Map<string, TouchedEvent[]>();
  for (const command of commands.filter(isPlaced)) {
    const id = survivors(command.incidentId);
    const group = groups.get(id) ?? [];
    groups.set(id, group);
    const event = byId.get(command.sighting.eventId) as InboxEvent;
    const { reason } = command.explanation;
    const link = reason.kind === "alarm" ? null : explain(command.explanation);
    group.push({ event, attention: command.attention, link });
  }
  const touched = [...groups].flatMap(([id, group]) => {
    const incident = state.incident(id);
    const attentionBefore = before.get(id) ?? "none";
    return incident === undefined ? [] : [{ incident, attentionBefore, events: group }];
  });
  const alarms = new Set(
    commands.filter(isPlaced).flatMap(({ view }) => state.alarm(view.key) ?? []),
  );
  return { loaded, commands, survivors, sightings, touched, alarms: [...alarms] };
}

/** Opens, joins, raises and merges cases. @returns endpoints that have something to receive. */
async function changeCases(
  tx: Transaction<Schema>,
  { loaded, touched }: Batch,
  merges: readonly StoredMerge[],
  input: WorkOffInput,
): Promise<string[]> {
  const caseIds = new Map<string, string>();
  for (const [id, { caseId }] of loaded.stored) {
    if (caseId !== null) {
      caseIds.set(id, caseId);
    }
  }
  const isNew = ({ incident }: Touched): boolean => !caseIds.has(incident.id);
  const openings = touched.filter(isNew).flatMap(openingOf);
  const deps = { ...input, work: input.work ?? ALL_TIME };
  const opened = await openCases(tx, openings, deps);
  for (const { opening, caseId } of opened.drafts) {
    caseIds.set(opening.incidentId, caseId);
  }
  const joins = touched.flatMap((one) => joinOf(one, caseIds, openings));
  await joinCases(tx, joins, input.now);
  const raises = touched.flatMap((one) => raiseOf(one, loaded));
  await recountEvents(
    tx,
    merges.map(({ winnerId }) => winnerId),
  );
  const raisedIds = await raiseCases(tx, raises, deps);
  const mergedIds = await mergeCases(tx, caseMerges(merges, caseIds), deps);
  const changed = [
    ...opened.drafts.map(({ caseId }) => caseId),
    ...joins.map(({ caseId }) => caseId),
  ];
  await publishCases(tx, changed, input.now);
  return [...new Set([...opened.endpointIds, ...raisedIds, ...mergedIds])];
}

const UNLIMITED: CorrelationPolicy = {
  ...DEFAULT_CORRELATION,
  stormLimit: Number.POSITIVE_INFINITY,
};

const ALL_TIME: WorkTime = {
  add: (_base, from, amountMs) => from + Math.max(0, amountMs),
  between: (_base, from, to) => Math.max(0, to - from),
};

/** Nothing where the incident asks for nobody and is not a mistake that its camera told of. */
function openingOf({ incident, events }: Touched): CaseOpening[] {
  const { attention } = incident;
  const asking = events.filter((one) => one.attention === attention);
  const isMistake = attention === "none" && events.some(({ event }) => event.phase === "cancel");
  if (attention === "none" && !(isMistake && incident.alarmCount === incident.cancelledCount)) {
    return [];
  }
  const named = gravest(asking.length === 0 ? events : asking);
  if (named === undefined) {
    return [];
  }
  const { event, link } = named;
  const isPlain = attention === "full" && incident.kind === "plain";
  return [
    {
      incidentId: incident.id,
      event,
      type: typeOfCase(incident, event),
      attention,
      phase: phaseOf(incident),
      eventCount: events.length,
      link: isPlain ? null : link,
    },
  ];
}

function gravest(events: readonly TouchedEvent[]): TouchedEvent | undefined {
  return events.reduce<TouchedEvent | undefined>(
    (best, one) =>
      best === undefined || one.event.type.severity < best.event.type.severity ? one : best,
    undefined,
  );
}

/** What the case shows: the alarm's own phase, or of several whether any goes on. */
function phaseOf(incident: Incident): Phase {
  const [only] = incident.alarms;
  if (incident.alarmCount === 1 && only !== undefined) {
    return only.view.phase;
  }
  if (incident.activeCount > 0) {
    return "update";
  }
  return incident.cancelledCount === incident.alarmCount ? "cancel" : "end";
}

function joinOf(
  { incident, events }: Touched,
  caseIds: ReadonlyMap<string, string>,
  openings: readonly CaseOpening[],
): CaseJoin[] {
  const caseId = caseIds.get(incident.id);
  const opening = openings.find(({ incidentId }) => incidentId === incident.id);
  const rest = events.filter(({ event }) => event !== opening?.event);
  if (caseId === undefined || rest.length === 0) {
    return [];
  }
  const alreadyCounted = opening !== undefined;
  return [{ caseId, phase: phaseOf(incident), events: rest, alreadyCounted }];
}

/** A case that was there before and is asked for more, or by something graver. */
function raiseOf(
  { incident, attentionBefore, events }: Touched,
  { stored }: LoadedCorrelation,
): CaseRaise[] {
  const known = stored.get(incident.id);
  if (known === undefined || known.caseId === null || incident.kind === "storm") {
    return [];
  }
  const fresh = events.filter(({ attention }) => attention === "full");
  const worst = gravest(fresh);
  const isGraver = worst !== undefined && worst.event.type.severity < (known.severity ?? 4);
  const isUrgentNow = incident.attention === "full" && attentionBefore !== "full";
  if (!isGraver && !isUrgentNow) {
    return [];
  }
  const { type } = worst?.event ?? {};
  const severity: Severity = type?.severity ?? 4;
  return [
    {
      caseId: known.caseId,
      graver: isGraver && type !== undefined ? { type, severity } : null,
      mayFile: incident.attention === "full",
      link: worst?.link ?? "an event that is not late",
    },
  ];
}

function caseMerges(
  merges: readonly StoredMerge[],
  caseIds: ReadonlyMap<string, string>,
): CaseMerge[] {
  return merges.flatMap(({ winnerId, loserId, explanation, actor }) => {
    const winnerCaseId = caseIds.get(winnerId);
    const loserCaseId = caseIds.get(loserId);
    return winnerCaseId === undefined || loserCaseId === undefined
      ? []
      : [{ winnerCaseId, loserCaseId, actor, link: explain(explanation) }];
  });
}
