/** Finds the incidents that an alarm is linked to, each by its best link. */
import type { AlarmView } from "./alarm-view.ts";
import type { CameraGraph } from "./camera-graph.ts";
import { type LinkReason, referTo } from "./explanation.ts";
import { compareIncidents, type Incident, type KnownAlarm } from "./incident.ts";
import { doesMove, measureLink, searchRadiusM, searchWindowMs } from "./link.ts";
import type { CorrelationState } from "./state.ts";

/** The best link to one other incident. */
export interface IncidentLink {
  readonly incident: Incident;
  readonly reason: LinkReason;
  readonly score: number;
}

/** The strongest first; `home` is the incident that the alarm is in already. */
export function findLinks(
  state: CorrelationState,
  view: AlarmView,
  home: Incident | undefined,
  graph: CameraGraph,
): readonly IncidentLink[] {
  const search = new LinkSearch(view, home, graph);
  const radiusM = searchRadiusM(view, state.index.worstAccuracyM);
  state.index.forEachNear(view, radiusM, searchWindowMs(view), (other) => search.weigh(other));
  if (doesMove(view)) {
    for (const { camera } of graph.neighboursOf(view.camera)) {
      for (const other of state.alarmsOfCamera(camera)) {
        search.weigh(other);
      }
    }
  }
  for (const entityKey of view.entityKeys) {
    for (const other of state.alarmsOfEntity(entityKey)) {
      search.recognise(other, entityKey);
    }
  }
  return search.found();
}

const NOTHING: readonly IncidentLink[] = [];

class LinkSearch {
  readonly #view: AlarmView;
  readonly #home: Incident | undefined;
  readonly #graph: CameraGraph;
  /** Made when there is something to hold: most searches find nothing. */
  #best: Map<Incident, IncidentLink> | undefined;

  constructor(view: AlarmView, home: Incident | undefined, graph: CameraGraph) {
    this.#view = view;
    this.#home = home;
    this.#graph = graph;
  }

  weigh(other: KnownAlarm): void {
    if (!this.#isOther(other)) {
      return;
    }
    const measure = measureLink(this.#view, other.view, this.#graph);
    if (measure !== undefined && this.#isBetter(other.incident, measure.score)) {
      this.#keep(other.incident, measure.score, {
        kind: "score",
        to: referTo(other.view),
        measure,
      });
    }
  }

  recognise(other: KnownAlarm, entityKey: string): void {
    const isSame = this.#isOther(other) && other.view.exercise === this.#view.exercise;
    if (isSame && this.#isBetter(other.incident, 1)) {
      this.#keep(other.incident, 1, { kind: "entity", entityKey, to: referTo(other.view) });
    }
  }

  found(): readonly IncidentLink[] {
    if (this.#best === undefined) {
      return NOTHING;
    }
    return [...this.#best.values()].sort(
      (a, b) => b.score - a.score || compareIncidents(a.incident, b.incident),
    );
  }

  /** What came after a case was over is no part of it. */
  #isOther({ incident }: KnownAlarm): boolean {
    const { closedAt } = incident;
    return incident !== this.#home && (closedAt === null || this.#view.end <= closedAt);
  }

  #isBetter(incident: Incident, score: number): boolean {
    const rival = this.#best?.get(incident);
    return rival === undefined || rival.score < score;
  }

  #keep(incident: Incident, score: number, reason: LinkReason): void {
    this.#best ??= new Map();
    this.#best.set(incident, { incident, score, reason });
  }
}
