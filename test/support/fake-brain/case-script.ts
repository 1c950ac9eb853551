/** Cases as the brain would tell them, moved on step by step. Every view passes its schema. */
import { createHash } from "node:crypto";
import {
  CLOCK_POLICIES,
  caseDetailSchema,
  catalogue,
  formatTime,
  type CaseDetail,
  type CaseState,
  type DeliveryView,
  type EventType,
  type Severity,
  type TimelineItem,
} from "../../../protocol/index.ts";

export interface ScriptedCase {
  readonly eventType?: string;
  readonly severity?: Severity;
  readonly camera?: { readonly id: string; readonly name: string };
  /** Onset before now, ms. */
  readonly ageMs?: number;
  /** How far it has got when it appears. */
  readonly state?: "REPORTED" | "FILED" | "DISPATCHED" | "ACCEPTED" | "RETURNED";
  /** False: the picture is announced and has not come. Null: there is none. */
  readonly picture?: boolean | null;
  /** Failed attempts before the one that arrives. */
  readonly failures?: number;
}

const CAMERAS = [
  { id: "gate-west-01", name: "西门广场东" },
  { id: "school-north-02", name: "实验小学北门" },
  { id: "river-03", name: "清水河步道三号" },
  { id: "market-04", name: "农贸市场南口" },
  { id: "fire-lane-05", name: "锦绣家园消防通道" },
] as const;

/** Machine's shares of the way, ms after onset or after the step before. */
const REPORT_MS = 640;
const FILE_MS = 18;
const DISPATCH_MS = 31;
const DELIVER_MS = 74;
const ACCEPT_MS = 42_000;

/** The same number gives the same id, so that a failing test can be read. */
export function scriptedId(kind: string, serial: number): string {
  const hex = createHash("sha256").update(`${kind} ${serial}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function scriptedSha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function scriptCase(serial: number, nowMs: number, wish: ScriptedCase = {}): CaseDetail {
  const type = findType(wish.eventType ?? "SEC.INTRUDE");
  const onsetMs = nowMs - (wish.ageMs ?? REPORT_MS);
  const reportedMs = onsetMs + REPORT_MS;
  const policy = CLOCK_POLICIES[type.sla];
  const camera = wish.camera ?? CAMERAS[serial % CAMERAS.length];
  const id = scriptedId("case", serial);
  const clock = (startMs: number | null, stopMs: number | null, limitMs: number): object => ({
    startedAt: startMs === null ? null : formatTime(startMs),
    dueAt: startMs === null ? null : formatTime(startMs + limitMs),
    stoppedAt: stopMs === null ? null : formatTime(stopMs),
    limitMs,
  });
  const reported = caseDetailSchema.parse({
    id,
    incidentId: scriptedId("incident", serial),
    number: `${formatTime(onsetMs).slice(0, 10).replaceAll("-", "")}-${String(serial).padStart(6, "0")}`,
    eventType: type.code,
    title: { zh: type.zh, en: type.en },
    line: type.line,
    severity: wish.severity ?? type.severity,
    serviceLevel: type.sla,
    state: "REPORTED",
    version: 1,
    lead: type.lead,
    camera: { ...camera, nodeId: "edge-01" },
    location: {
      lat: 39.909187 + serial * 0.000113,
      lon: 116.397451 - serial * 0.000087,
      crs: "CGCS2000",
      accuracyM: 8,
      gridCode: `110105001001${String((serial % 40) + 1).padStart(3, "0")}`,
    },
    onset: formatTime(onsetMs),
    reportedAt: formatTime(reportedMs),
    updatedAt: formatTime(reportedMs),
    phase: "new",
    eventCount: 1,
    clocks: {
      report: clock(onsetMs, reportedMs, policy.report),
      dispatch: clock(reportedMs, null, policy.dispatch),
      contain: clock(null, null, policy.contain),
    },
    snapshot: wish.picture === null ? null : snapshotOf(id, wish.picture ?? true),
    timeline: [timelineItem(serial, 0, reportedMs, "reported", "node:edge-01", { phase: "new" })],
    tasks: [],
    deliveries: [],
    events: [
      {
        id: scriptedId("event", serial),
        camera: `edge-01/${String(camera?.id)}`,
        phase: "new",
        sequence: String(serial).padStart(12, "0"),
        capturedAt: formatTime(onsetMs + REPORT_MS - 182),
        acceptedAt: formatTime(reportedMs),
      },
    ],
    evidence: [],
    detection: detectionOf(serial),
    privacy: {
      purpose: "公共区域安全值守",
      legalBasis: "公共安全视频图像信息系统管理条例",
      masksApplied: true,
      identified: false,
      classification: "internal",
    },
  });
  return moveTo(reported, serial, wish.state ?? "REPORTED", wish.failures ?? 0);
}

function findType(code: string): EventType {
  const type = catalogue.eventTypes.find((candidate) => candidate.code === code);
  if (type === undefined) {
    throw new Error(`no event type ${code} in the catalogue`);
  }
  return type;
}

function snapshotOf(id: string, available: boolean): object {
  const sha256 = scriptedSha256(id);
  return { sha256, url: `/v1/evidence/${sha256}`, width: 960, height: 540, available };
}

function detectionOf(serial: number): object {
  return {
    ruleId: "zone-1",
    ruleKind: "zone-intrusion",
    model: { id: "coco-ssd-lite", version: "1.0.0", sha256: scriptedSha256("model") },
    provider: "cpu",
    label: "person",
    confidence: 0.71 + (serial % 7) * 0.04,
    box: { left: 0.4, top: 0.3, width: 0.1, height: 0.4 },
    trackId: serial * 3 + 1,
    frames: 7 + (serial % 9),
    edgeLatencyMs: 118.4,
  };
}

function timelineItem(
  serial: number,
  step: number,
  atMs: number,
  kind: TimelineItem["kind"],
  actor: string,
  facts: TimelineItem["facts"] = {},
): TimelineItem {
  return { id: `${serial}-${step}`, at: formatTime(atMs), kind, actor, facts };
}

/** The next version of a case that came further, as the brain's transactions would leave it. */
export function moveTo(
  detail: CaseDetail,
  serial: number,
  state: NonNullable<ScriptedCase["state"]>,
  failures = 0,
): CaseDetail {
  const order = ["REPORTED", "FILED", "DISPATCHED", "ACCEPTED"] as const;
  const goal = state === "RETURNED" ? 3 : order.indexOf(state);
  let moved = detail;
  for (let step = order.indexOf(detail.state as "REPORTED") + 1; step <= goal; step++) {
    moved =
      step === 1
        ? filed(moved, serial)
        : step === 2
          ? dispatched(moved, serial, failures)
          : answered(moved, serial, state === "RETURNED" ? "RETURNED" : "ACCEPTED");
  }
  return caseDetailSchema.parse(moved);
}

function next(detail: CaseDetail, state: CaseState, atMs: number): CaseDetail {
  return { ...detail, state, version: detail.version + 1, updatedAt: formatTime(atMs) };
}

function filed(detail: CaseDetail, serial: number): CaseDetail {
  const atMs = Date.parse(detail.reportedAt) + FILE_MS;
  const item = timelineItem(serial, 1, atMs, "filed", "system");
  return { ...next(detail, "FILED", atMs), timeline: [...detail.timeline, item] };
}

function dispatched(detail: CaseDetail, serial: number, failures: number): CaseDetail {
  const atMs = Date.parse(detail.reportedAt) + FILE_MS + DISPATCH_MS;
  const type = findType(detail.eventType);
  const departments = [type.lead, ...type.co];
  const startedAt = formatTime(atMs);
  const limitMs = detail.clocks.contain.limitMs;
  const items = [
    timelineItem(serial, 2, atMs, "dispatched", "system", { department: type.lead }),
    ...Array.from({ length: failures }, (_, attempt) =>
      timelineItem(serial, 10 + attempt, atMs + 900 * (attempt + 1), "delivery-failed", "system", {
        department: type.lead,
        attempt: attempt + 1,
        status: 503,
        error: "503 Service Unavailable",
      }),
    ),
    timelineItem(serial, 3, atMs + 900 * failures + DELIVER_MS, "delivered", "system", {
      department: type.lead,
      status: 202,
      attempt: failures + 1,
    }),
    timelineItem(serial, 4, atMs + 900 * failures + 410, "evidence", "node:edge-01"),
  ];
  return {
    ...next(detail, "DISPATCHED", atMs),
    clocks: {
      ...detail.clocks,
      dispatch: { ...detail.clocks.dispatch, stoppedAt: startedAt },
      contain: { startedAt, dueAt: formatTime(atMs + limitMs), stoppedAt: null, limitMs },
    },
    timeline: [...detail.timeline, ...items],
    tasks: departments.map((department, index) => ({
      id: scriptedId(`task ${department}`, serial) as CaseDetail["tasks"][number]["id"],
      department,
      role: index === 0 ? "lead" : detail.serviceLevel === "S0" ? "co" : "informed",
      state: "DELIVERED",
      acceptedAt: null,
      reference: null,
      reason: null,
    })),
    deliveries: departments.map((department, index) =>
      deliveryOf(serial, department, atMs, index === 0 ? failures : 0),
    ),
  };
}

function deliveryOf(
  serial: number,
  department: DeliveryView["department"],
  atMs: number,
  failures: number,
): DeliveryView {
  const attempts = Array.from({ length: failures + 1 }, (_, index) => ({
    number: index + 1,
    at: formatTime(atMs + 900 * index + 6),
    durationMs: 41 + index * 7,
    status: index < failures ? 503 : 202,
    error: index < failures ? "503 Service Unavailable" : null,
  }));
  return {
    id: scriptedId(`delivery ${department}`, serial) as DeliveryView["id"],
    department,
    url: `http://127.0.0.1:8090/webhooks/${department.toLowerCase()}`,
    state: "DELIVERED",
    nextAttemptAt: null,
    deliveredAt: formatTime(atMs + 900 * failures + DELIVER_MS),
    attempts,
  };
}

function answered(detail: CaseDetail, serial: number, answer: "ACCEPTED" | "RETURNED"): CaseDetail {
  const atMs = Date.parse(detail.reportedAt) + ACCEPT_MS;
  const isAccepted = answer === "ACCEPTED";
  const reference = `${detail.lead}-${String(serial).padStart(5, "0")}`;
  const reason = "不属本所辖区，请改派";
  const facts = isAccepted ? { reference, unit: "值班室" } : { reason };
  const item = timelineItem(
    serial,
    5,
    atMs,
    isAccepted ? "accepted" : "returned",
    `department:${detail.lead}`,
    facts,
  );
  return {
    ...next(detail, answer, atMs),
    timeline: [...detail.timeline, item],
    tasks: detail.tasks.map((task) =>
      task.role === "lead"
        ? {
            ...task,
            state: answer,
            acceptedAt: isAccepted ? formatTime(atMs) : null,
            reference: isAccepted ? reference : null,
            reason: isAccepted ? null : reason,
          }
        : task,
    ),
  };
}
