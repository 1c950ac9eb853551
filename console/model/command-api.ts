/** The brain's commands as the console gives them: each with the key of its press. */
import type {
  BlowWhistle,
  CaseCommandAnswer,
  CaseCommandRequest,
  CaseHold,
  CaseWorkView,
  IncidentView,
  MergeIncidents,
  NearCases,
  NewNote,
  NewSilence,
  NoteAnswer,
  RegroupAnswer,
  SilenceAnswer,
  SilenceList,
  SplitIncident,
  WhistleAnswer,
  WhistleCommandRequest,
} from "../../protocol/index.ts";
import { createApi, type Api } from "./api.ts";
import { createAsker } from "./ask.ts";

/** What a form gives: the brain fills in the defaults of what is left out. */
export type CommandBody = Omit<CaseCommandRequest, "command"> & {
  readonly command: { readonly kind: string } & Readonly<Record<string, unknown>>;
};
export type WhistleBody = Omit<WhistleCommandRequest, "command"> & {
  readonly command: { readonly kind: string } & Readonly<Record<string, unknown>>;
};
export type BlowBody = Pick<BlowWhistle, "caseId" | "expectedVersion" | "as"> & {
  readonly whistle: Omit<BlowWhistle["whistle"], "radiusM"> & { readonly radiusM?: number };
};

export type SilenceWish = Pick<NewSilence, "kind" | "reason" | "until" | "lifeSafety"> & {
  readonly nodeId: string | null;
  readonly cameraId: string | null;
  readonly eventType: string | null;
  readonly gridPrefix: string | null;
};

export interface SiteCode {
  readonly code: string;
  readonly expiresAt: string;
}

export interface CommandApi {
  /** For boards that show more than the list holds. */
  readonly cases: Api["cases"];
  work(caseId: string, signal?: AbortSignal): Promise<CaseWorkView>;
  command(caseId: string, body: CommandBody, key: string): Promise<CaseCommandAnswer>;
  blow(body: BlowBody, key: string): Promise<WhistleAnswer>;
  whistle(whistleId: string, body: WhistleBody, key: string): Promise<WhistleAnswer>;
  incident(incidentId: string, signal?: AbortSignal): Promise<IncidentView>;
  near(incidentId: string, number: string, signal?: AbortSignal): Promise<NearCases>;
  mergeIncidents(incidentId: string, body: MergeIncidents, key: string): Promise<RegroupAnswer>;
  splitIncident(incidentId: string, body: SplitIncident, key: string): Promise<RegroupAnswer>;
  note(caseId: string, body: NewNote, key: string): Promise<NoteAnswer>;
  silences(show: "current" | "all", signal?: AbortSignal): Promise<SilenceList>;
  addSilence(body: SilenceWish, key: string): Promise<SilenceAnswer>;
  endSilence(id: string, key: string): Promise<SilenceAnswer>;
  hold(
    caseId: string,
    body: { readonly reason: string; readonly until: string },
  ): Promise<CaseHold>;
  releaseHold(caseId: string, reason: string, key: string): Promise<{ readonly released: boolean }>;
  siteCode(whistleId: string, signal?: AbortSignal): Promise<SiteCode>;
}

/** A command waits for the case's lock: longer than a look, and no longer than patience. */
const ANSWER_TIMEOUT_MS = 10_000;

export function createCommandApi(fetchFn: typeof fetch, base = ""): CommandApi {
  const { get, send } = createAsker(fetchFn, base, ANSWER_TIMEOUT_MS);
  const post = <T>(path: string, body: unknown, key: string): Promise<T> =>
    send("POST", path, body, key);
  const of = (id: string): string => encodeURIComponent(id);
  return {
    cases: createApi(fetchFn, base).cases,
    work: (caseId, signal) => get(`/v1/cases/${of(caseId)}/work`, signal),
    command: (caseId, body, key) => post(`/v1/cases/${of(caseId)}/commands`, body, key),
    blow: (body, key) => post("/v1/whistles", body, key),
    whistle: (id, body, key) => post(`/v1/whistles/${of(id)}/commands`, body, key),
    incident: (id, signal) => get(`/v1/incidents/${of(id)}`, signal),
    near: (id, number, signal) =>
      get(`/v1/incidents/${of(id)}/near${number === "" ? "" : `?number=${of(number)}`}`, signal),
    mergeIncidents: (id, body, key) => post(`/v1/incidents/${of(id)}/merge`, body, key),
    splitIncident: (id, body, key) => post(`/v1/incidents/${of(id)}/split`, body, key),
    note: (caseId, body, key) => post(`/v1/cases/${of(caseId)}/notes`, body, key),
    silences: (show, signal) => get(`/v1/silences?show=${show}`, signal),
    addSilence: (body, key) => post("/v1/silences", body, key),
    endSilence: (id, key) => send("DELETE", `/v1/silences/${of(id)}`, undefined, key),
    hold: (caseId, body) => send("PUT", `/v1/cases/${of(caseId)}/hold`, body),
    releaseHold: (caseId, reason, key) =>
      post(`/v1/cases/${of(caseId)}/hold/release`, { reason }, key),
    siteCode: (id, signal) => get(`/v1/whistles/${of(id)}/code`, signal),
  };
}
