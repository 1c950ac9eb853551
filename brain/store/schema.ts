/** Shapes of the brain's tables, as `migrations/` makes them. Names equal the columns'. */
import type { ColumnType, Generated, Selectable } from "kysely";
import type {
  CaseState,
  DeliveryState,
  EventDetection,
  EvidenceRef,
  Heartbeat,
  IncidentEvent,
  Location,
  Phase,
  Problem,
  ServiceLevel,
  Severity,
  TaskCancelled,
  TaskRole,
  TaskState,
  TaskWebhook,
  TimelineItem,
  TimelineKind,
} from "../../protocol/index.ts";
import type { AccountsSchema } from "./schema/accounts.ts";
import type {
  AdministrationSchema,
  EndpointAdministration,
  SecretHolderColumns,
} from "./schema/administration.ts";
import type { AuditSchema } from "./schema/audit.ts";
import type { CaseFileWork, CaseworkSchema } from "./schema/casework.ts";
import type { Json, NullableJson, NullableTime, Position, Time } from "./schema/column.ts";
import type {
  CorrelationSchema,
  IncidentEventReason,
  IncidentReach,
} from "./schema/correlation.ts";
import type { DirectorySchema } from "./schema/directory.ts";
import type { DispatchSchema, EndpointCircuit } from "./schema/dispatch.ts";
import type { EvidenceKeeping, EvidenceSchema, EvidenceState } from "./schema/evidence.ts";
import type { PlansSchema } from "./schema/plans.ts";
import type { ReportsSchema } from "./schema/reports.ts";

type UnaddressedKey = "acknowledgeUrl" | "evidence" | "taskId" | "caseId";

/** A delivery's message before the brain's own address is written into it. */
export type DeliveryPayload = DispatchPayload | CancelPayload;

export type CancelPayload = Omit<TaskCancelled, "data"> & {
  readonly data: Omit<TaskCancelled["data"], "taskId" | "caseId" | "mergedInto"> & {
    readonly taskId: string;
    readonly caseId: string;
    readonly mergedInto?: { readonly caseId: string; readonly caseNumber: string };
  };
};

export type DispatchPayload = Omit<TaskWebhook, "data"> & {
  readonly data: Omit<TaskWebhook["data"], UnaddressedKey> & {
    readonly taskId: string;
    readonly caseId: string;
    readonly evidence: readonly { readonly sha256: string; readonly mime: string }[];
  };
};

export interface NodeTable extends SecretHolderColumns {
  id: string;
  secret: string;
  enabled: boolean;
  heartbeat: ColumnType<Heartbeat | null, string | null | undefined, string | null>;
  seen_at: NullableTime;
  skew_ms: number | null;
}

export interface CameraTable {
  node_id: string;
  id: string;
  name: string;
  site_type: string;
  managing_unit: string;
  purposes: Json<readonly string[]>;
  retention_days: number;
  sign_posted: boolean;
  location: Json<Location>;
  enabled: boolean;
}

export interface EndpointTable extends EndpointCircuit, EndpointAdministration {
  id: string;
  department: string;
  url: string;
  secret: string;
  enabled: boolean;
  last_attempt_at: NullableTime;
  last_success_at: NullableTime;
  last_error: string | null;
}

export interface EventTable {
  id: string;
  body: Json<IncidentEvent>;
  body_hash: string;
  node_id: string;
  camera_id: string;
  alarm_id: string;
  event_type: string;
  phase: Phase;
  sequence: string;
  onset: Time;
  captured_at: Time;
  accepted_at: Time;
}

export interface InboxTable {
  position: Position;
  event_id: string;
  failures: Generated<number>;
}

export interface QuarantineTable {
  id: Position;
  node_id: string;
  event_id: string | null;
  code: string;
  problem: Json<Problem>;
  body: string;
  body_hash: string;
  at: Time;
}

export interface EvidenceTable extends EvidenceKeeping {
  sha256: string;
  state: EvidenceState;
  mime: string;
  bytes: number;
  announced_at: Time;
  stored_at: NullableTime;
}

export interface EvidenceRefTable {
  event_id: string;
  sha256: string;
  node_id: string;
  role: EvidenceRef["role"];
  width: number;
  height: number;
  captured_at: Time;
}

export interface IncidentTable extends IncidentReach {
  id: string;
  opened_at: Time;
}

export interface IncidentEventTable extends IncidentEventReason {
  event_id: string;
  incident_id: string;
  link: string;
}

export interface CaseDayTable {
  day: string;
  last: number;
}

export interface CaseFileTable extends CaseFileWork {
  id: string;
  incident_id: string;
  number: string;
  event_type: string;
  title: Json<{ zh: string; en: string }>;
  line: string;
  severity: Severity;
  service_level: ServiceLevel;
  state: CaseState;
  version: number;
  lead: string;
  node_id: string;
  camera_id: string;
  camera_name: string;
  location: Json<Location>;
  detection: NullableJson<EventDetection>;
  privacy: Json<IncidentEvent["data"]["privacy"]>;
  snapshot: NullableJson<EvidenceRef>;
  snapshot_sha256: string | null;
  phase: Phase;
  sequence: string;
  event_count: number;
  onset: Time;
  captured_at: Time;
  reported_at: Time;
  filed_at: NullableTime;
  dispatched_at: NullableTime;
  accepted_at: NullableTime;
  contained_at: NullableTime;
  updated_at: Time;
  report_limit_ms: number;
  dispatch_limit_ms: number;
  contain_limit_ms: number;
}

export interface TaskTable {
  id: string;
  case_id: string;
  department: string;
  role: TaskRole;
  state: TaskState;
  created_at: Time;
  delivered_at: NullableTime;
  answered_at: NullableTime;
  accepted_at: NullableTime;
  reference: string | null;
  unit: string | null;
  reason: string | null;
}

export interface DeliveryTable {
  id: string;
  task_id: string;
  case_id: string;
  endpoint_id: string;
  department: string;
  payload: Json<DeliveryPayload>;
  state: DeliveryState;
  attempts: Generated<number>;
  slow_attempts: Generated<number>;
  next_attempt_at: NullableTime;
  fast_until: Time;
  give_up_at: Time;
  lease_token: string | null;
  lease_until: NullableTime;
  created_at: Time;
  first_sent_at: NullableTime;
  delivered_at: NullableTime;
  replays: Generated<number>;
  last_error: string | null;
}

export interface AttemptTable {
  delivery_id: string;
  number: number;
  at: Time;
  duration_ms: number;
  status: number | null;
  error: string | null;
}

export interface TimelineTable {
  id: Position;
  case_id: string;
  at: Time;
  kind: TimelineKind;
  actor: string;
  facts: Json<TimelineItem["facts"]>;
}

export interface StreamTable {
  position: Position;
  case_id: string;
  at: Time;
}

export interface Schema
  extends AdministrationSchema,
    DirectorySchema,
    CorrelationSchema,
    CaseworkSchema,
    AccountsSchema,
    AuditSchema,
    DispatchSchema,
    PlansSchema,
    ReportsSchema,
    EvidenceSchema {
  node: NodeTable;
  camera: CameraTable;
  endpoint: EndpointTable;
  event: EventTable;
  inbox: InboxTable;
  quarantine: QuarantineTable;
  evidence: EvidenceTable;
  evidence_ref: EvidenceRefTable;
  incident: IncidentTable;
  incident_event: IncidentEventTable;
  case_day: CaseDayTable;
  case_file: CaseFileTable;
  task: TaskTable;
  delivery: DeliveryTable;
  attempt: AttemptTable;
  timeline: TimelineTable;
  stream: StreamTable;
}

export type CaseRow = Selectable<CaseFileTable>;
