/**
 * What correlation remembers: alarms, incidents, and how busy cameras are. It is bounded by
 * `forget`, which goes by the time since something was last touched on the brain's clock: neither
 * a flood of old events nor a clock in the future can throw out what is in use.
 */
import type { EpochMs } from "../../protocol/index.ts";
import { AlarmIndex } from "./alarm-index.ts";
import type { AlarmView } from "./alarm-view.ts";
import type { CorrelationCommand } from "./command.ts";
import { hullOf, joinHulls, stretch } from "./incident-hull.ts";
import { countAlarm, greaterAttention, type Incident, type KnownAlarm } from "./incident.ts";
import type { Sighting } from "./sighting.ts";
import { StormSlots } from "./storm.ts";

type Opening = Extract<CorrelationCommand, { kind: "open" }>;
type Joining = Extract<CorrelationCommand, { kind: "join" }>;

/** Event ids remembered to leave repeats alone; older repeats change nothing but a count. */
const REMEMBERED_EVENTS = 65_536;

export class CorrelationState {
  readonly index = new AlarmIndex();
  readonly storms = new StormSlots();
  readonly #alarms = new Map<string, KnownAlarm>();
  /** In the order of last use. */
  readonly #incidents = new Map<string, Incident>();
  readonly #byCamera = new Map<string, Set<KnownAlarm>>();
  readonly #byEntity = new Map<string, Set<KnownAlarm>>();
  #recent = new Set<string>();
  #older = new Set<string>();

  hasSeen(eventId: string): boolean {
    return this.#recent.has(eventId) || this.#older.has(eventId);
  }

  alarm(key: string): KnownAlarm | undefined {
    return this.#alarms.get(key);
  }

  incident(id: string): Incident | undefined {
    return this.#incidents.get(id);
  }

  alarmsOfCamera(camera: string): Iterable<KnownAlarm> {
    return this.#byCamera.get(camera) ?? [];
  }

  alarmsOfEntity(entityKey: string): Iterable<KnownAlarm> {
    return this.#byEntity.get(entityKey) ?? [];
  }

  incidents(): IterableIterator<Incident> {
    return this.#incidents.values();
  }

  get alarmCount(): number {
    return this.#alarms.size;
  }

  /** Takes in an incident that was stored before. */
  loadIncident(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
  }

  /** Takes in an alarm that was stored before; its incident counts it already. */
  loadAlarm(view: AlarmView, incident: Incident): void {
    this.#place({ view, incident, cells: [], mark: 0 });
  }

  apply(command: CorrelationCommand): void {
    switch (command.kind) {
      case "open":
        this.#open(command);
        return;
      case "join":
        this.#join(command);
        return;
      case "merge":
        this.merge(command.winnerId, command.loserId);
        return;
      case "suppress": {
        if (command.by === "storm" && command.isNewAlarm) {
          this.storms.slotOf(command.sighting).suppressed += 1;
        }
        return;
      }
      case "clear":
        return;
    }
  }

  /** Forgets incidents, with their alarms, that nothing has touched since. */
  forget(before: EpochMs): void {
    for (const incident of this.#incidents.values()) {
      if (incident.touchedAt >= before) {
        break;
      }
      this.#incidents.delete(incident.id);
      for (const alarm of incident.alarms) {
        this.#drop(alarm);
      }
    }
    this.storms.forget(before);
  }

  #open({ sighting, view, incidentId, attention, storm }: Opening): void {
    const incident: Incident = {
      id: incidentId,
      openedAt: sighting.acceptedAt,
      kind: storm ? "storm" : "plain",
      attention,
      standing: "waiting",
      closedAt: null,
      hull: hullOf(view),
      alarmCount: 0,
      activeCount: 0,
      cancelledCount: 0,
      apart: new Set(),
      alarms: new Set(),
      touchedAt: sighting.acceptedAt,
    };
    this.#incidents.set(incidentId, incident);
    const slot = this.storms.slotOf(sighting);
    if (storm) {
      slot.incidentId = incidentId;
    } else {
      slot.opened += 1;
    }
    this.#addNew(view, incident, sighting);
  }

  #join({ sighting, view, incidentId, attention }: Joining): void {
    const incident = this.#incidents.get(incidentId);
    if (incident === undefined) {
      return;
    }
    incident.attention = greaterAttention(incident.attention, attention);
    const known = this.#alarms.get(view.key);
    if (known === undefined) {
      this.#addNew(view, incident, sighting);
      return;
    }
    this.#touch(incident, sighting);
    if (view !== known.view) {
      countAlarm(incident, known.view, -1);
      countAlarm(incident, view, 1);
      known.view = view;
      incident.hull = stretch(incident.hull, view);
      this.#place(known);
    }
  }

  #addNew(view: AlarmView, incident: Incident, sighting: Sighting): void {
    countAlarm(incident, view, 1);
    incident.hull = joinHulls(incident.hull, hullOf(view));
    this.#touch(incident, sighting);
    this.#place({ view, incident, cells: [], mark: 0 });
  }

  /** Puts the alarm where it is found; those of a storm are found by their own events only. */
  #place(alarm: KnownAlarm): void {
    const { view, incident } = alarm;
    this.#alarms.set(view.key, alarm);
    incident.alarms.add(alarm);
    if (incident.kind === "storm") {
      return;
    }
    this.index.add(alarm);
    addTo(this.#byCamera, view.camera, alarm);
    for (const key of view.entityKeys) {
      addTo(this.#byEntity, key, alarm);
    }
  }

  #drop(alarm: KnownAlarm): void {
    const { view } = alarm;
    this.#alarms.delete(view.key);
    this.index.remove(alarm);
    removeFrom(this.#byCamera, view.camera, alarm);
    for (const key of view.entityKeys) {
      removeFrom(this.#byEntity, key, alarm);
    }
  }

  /** The winner takes over all that the loser has. */
  merge(winnerId: string, loserId: string): void {
    const winner = this.#incidents.get(winnerId);
    const loser = this.#incidents.get(loserId);
    if (winner === undefined || loser === undefined) {
      return;
    }
    winner.attention = greaterAttention(winner.attention, loser.attention);
    winner.hull = joinHulls(winner.hull, loser.hull);
    winner.alarmCount += loser.alarmCount;
    winner.activeCount += loser.activeCount;
    winner.cancelledCount += loser.cancelledCount;
    winner.touchedAt = Math.max(winner.touchedAt, loser.touchedAt);
    for (const alarm of loser.alarms) {
      alarm.incident = winner;
      winner.alarms.add(alarm);
    }
    for (const id of loser.apart) {
      winner.apart.add(id);
      const other = this.#incidents.get(id);
      other?.apart.delete(loserId);
      other?.apart.add(winnerId);
    }
    this.#incidents.delete(loserId);
  }

  #touch(incident: Incident, { eventId, acceptedAt }: Sighting): void {
    incident.touchedAt = Math.max(incident.touchedAt, acceptedAt);
    this.#incidents.delete(incident.id);
    this.#incidents.set(incident.id, incident);
    this.#recent.add(eventId);
    if (this.#recent.size >= REMEMBERED_EVENTS) {
      this.#older = this.#recent;
      this.#recent = new Set();
    }
  }
}

function addTo(map: Map<string, Set<KnownAlarm>>, key: string, alarm: KnownAlarm): void {
  const set = map.get(key);
  if (set === undefined) {
    map.set(key, new Set([alarm]));
  } else {
    set.add(alarm);
  }
}

function removeFrom(map: Map<string, Set<KnownAlarm>>, key: string, alarm: KnownAlarm): void {
  const set = map.get(key);
  set?.delete(alarm);
  if (set?.size === 0) {
    map.delete(key);
  }
}
