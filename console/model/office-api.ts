/** The brain's answers to supervisors, auditors and administrators. */
import type {
  AccountChange,
  AccountView,
  AuditPage,
  DeliveryList,
  DeliveryState,
  DirectoryEditAnswer,
  DirectoryView,
  EditableFile,
  EndpointChange,
  EndpointSecret,
  EndpointView,
  FileEdit,
  Figures,
  Invitation,
  NewAccount,
  NewSubscription,
  NodeSecret,
  NodeSecretView,
  OverlapEnd,
  PingAnswer,
  Problem,
  Proposal,
  Replay,
  ReplayAnswer,
  Rotation,
  SubscriptionView,
  TownMap,
} from "../../protocol/index.ts";
import { createAsker, type Asker } from "./ask.ts";
import type { Queue } from "./urgency.ts";

/** Counting a quarter of a year takes a while. */
const ANSWER_TIMEOUT_MS = 30_000;

export interface AuditQuery {
  readonly actor?: string;
  readonly subject?: string;
  readonly before?: string;
}

export interface DeliveryQuery {
  readonly state?: DeliveryState;
  readonly department?: string;
  readonly before?: string;
}

export interface QuarantineEntry {
  readonly id: string;
  readonly nodeId: string;
  readonly eventId: string | null;
  readonly at: string;
  readonly problem: Problem;
  /** The event's text, cut. */
  readonly body: string;
}

export interface AuditReport {
  readonly ok: boolean;
  readonly rows: number;
  readonly head: { readonly number: number; readonly hash: string };
  /** Written and not sealed yet. */
  readonly waiting: number;
  readonly findings: readonly {
    readonly number: number;
    readonly problem:
      | "row-changed"
      | "row-missing"
      | "seal-missing"
      | "head-differs"
      | "unsealed-row";
    readonly auditId?: string | undefined;
  }[];
}

type Wish<Name extends string> = Readonly<Record<Name, unknown>>;

export interface NewEndpointWish {
  readonly department: string;
  readonly url: string;
  readonly reason: string;
}

export interface ProposalWish {
  readonly eventType: string;
  /** Empty: no grid. */
  readonly gridCode: string;
}

interface Items<T> {
  readonly items: readonly T[];
}

/** What administrators change of endpoints, directory and routing. */
export interface AdministrationApi {
  endpoints(signal?: AbortSignal): Promise<Items<EndpointView>>;
  /** The secret is told this once. */
  addEndpoint(wish: NewEndpointWish): Promise<EndpointSecret>;
  changeEndpoint(department: string, change: EndpointChange): Promise<EndpointView>;
  rotateEndpoint(department: string, wish: Rotation): Promise<EndpointSecret>;
  endOverlap(department: string, wish: OverlapEnd): Promise<EndpointView>;
  ping(department: string): Promise<PingAnswer>;
  nodeSecrets(signal?: AbortSignal): Promise<Items<NodeSecretView>>;
  rotateNode(id: string, wish: Rotation): Promise<NodeSecret>;
  endNodeOverlap(id: string, wish: OverlapEnd): Promise<NodeSecretView>;
  directory(signal?: AbortSignal): Promise<DirectoryView>;
  /** What is sent is checked by the brain, which says what is wrong. */
  putDepartment(code: string, edit: OverlapEnd & Wish<"department">): Promise<DirectoryEditAnswer>;
  removeDepartment(code: string, edit: OverlapEnd): Promise<DirectoryEditAnswer>;
  putRouting(edit: OverlapEnd & Wish<"rules">): Promise<DirectoryEditAnswer>;
  putDirectoryFile(file: EditableFile, edit: FileEdit): Promise<DirectoryEditAnswer>;
  proposal(query: ProposalWish, signal?: AbortSignal): Promise<Proposal>;
}

export interface OfficeApi extends AdministrationApi {
  queue(signal?: AbortSignal): Promise<Queue>;
  townMap(signal?: AbortSignal): Promise<TownMap>;
  figures(from: string, signal?: AbortSignal): Promise<Figures>;
  audit(query: AuditQuery, signal?: AbortSignal): Promise<AuditPage>;
  verifyAudit(signal?: AbortSignal): Promise<AuditReport>;
  deliveries(query: DeliveryQuery, signal?: AbortSignal): Promise<DeliveryList>;
  replay(wish: Replay): Promise<ReplayAnswer>;
  subscriptions(signal?: AbortSignal): Promise<Items<SubscriptionView>>;
  /** The secret is told this once. */
  subscribe(wish: NewSubscription): Promise<{ readonly secret: string }>;
  unsubscribe(name: string): Promise<void>;
  accounts(signal?: AbortSignal): Promise<Items<AccountView>>;
  addAccount(wish: NewAccount): Promise<Invitation>;
  changeAccount(id: string, change: AccountChange): Promise<AccountView>;
  invite(id: string): Promise<Invitation>;
  endSessions(id: string): Promise<{ readonly ended: number }>;
  quarantine(signal?: AbortSignal): Promise<Items<QuarantineEntry>>;
  signOut(isEverywhere: boolean): Promise<void>;
  changePassword(current: string, next: string): Promise<void>;
  redeem(token: string, password: string): Promise<void>;
}

export function createOfficeApi(fetchFn: typeof fetch, base = ""): OfficeApi {
  const asker = createAsker(fetchFn, base, ANSWER_TIMEOUT_MS);
  const { get, send } = asker;
  const part = encodeURIComponent;
  return {
    queue: (signal) => get("/v1/queue?limit=200", signal),
    townMap: (signal) => get("/v1/town/map", signal),
    figures: (from, signal) => get(`/v1/figures?from=${part(from)}`, signal),
    audit: (query, signal) => get(`/v1/audit?${paramsOf(query)}`, signal),
    verifyAudit: (signal) => get("/v1/audit/verification", signal),
    deliveries: (query, signal) => get(`/v1/deliveries?${paramsOf(query)}`, signal),
    replay: (wish) => send("POST", "/v1/deliveries/replay", wish),
    subscriptions: (signal) => get("/v1/subscriptions", signal),
    subscribe: (wish) => send("POST", "/v1/subscriptions", wish),
    unsubscribe: (name) => send("DELETE", `/v1/subscriptions/${part(name)}`),
    accounts: (signal) => get("/v1/accounts", signal),
    addAccount: (wish) => send("POST", "/v1/accounts", wish),
    changeAccount: (id, change) => send("PATCH", `/v1/accounts/${part(id)}`, change),
    invite: (id) => send("POST", `/v1/accounts/${part(id)}/invitation`),
    endSessions: (id) => send("DELETE", `/v1/accounts/${part(id)}/sessions`),
    quarantine: (signal) => get("/v1/quarantine?limit=200", signal),
    ...administrationOf(asker),
    signOut: (isEverywhere) =>
      send("DELETE", `/v1/session?everywhere=${isEverywhere ? "true" : "false"}`),
    changePassword: (current, next) => send("POST", "/v1/session/password", { current, next }),
    redeem: (token, password) => send("POST", "/v1/session/invitation", { token, password }),
  };
}

function administrationOf({ get, send }: Asker): AdministrationApi {
  const part = encodeURIComponent;
  return {
    endpoints: (signal) => get("/v1/endpoints", signal),
    addEndpoint: (wish) => send("POST", "/v1/endpoints", wish),
    changeEndpoint: (code, change) => send("PATCH", `/v1/endpoints/${part(code)}`, change),
    rotateEndpoint: (code, wish) => send("POST", `/v1/endpoints/${part(code)}/secret`, wish),
    endOverlap: (code, wish) => send("POST", `/v1/endpoints/${part(code)}/overlap-end`, wish),
    ping: (code) => send("POST", `/v1/endpoints/${part(code)}/ping`),
    nodeSecrets: (signal) => get("/v1/node-secrets", signal),
    rotateNode: (id, wish) => send("POST", `/v1/node-secrets/${part(id)}`, wish),
    endNodeOverlap: (id, wish) => send("POST", `/v1/node-secrets/${part(id)}/overlap-end`, wish),
    directory: (signal) => get("/v1/directory", signal),
    putDepartment: (code, edit) => send("PUT", `/v1/directory/departments/${part(code)}`, edit),
    removeDepartment: (code, edit) =>
      send("DELETE", `/v1/directory/departments/${part(code)}`, edit),
    putRouting: (edit) => send("PUT", "/v1/routing", edit),
    putDirectoryFile: (file, edit) => send("PUT", `/v1/directory/files/${part(file)}`, edit),
    proposal: ({ eventType, gridCode }, signal) => {
      const grid = gridCode === "" ? "" : `&gridCode=${part(gridCode)}`;
      return get(`/v1/routing/proposal?eventType=${part(eventType)}${grid}`, signal);
    },
  };
}

/** Leaves out what is not asked for. */
function paramsOf(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams([["limit", "100"], ...given]).toString();
}
