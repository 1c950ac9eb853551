/** A case as a CAP 1.2 message (OASIS Common Alerting Protocol). Pure. */
import { create } from "xmlbuilder2";
import { type EpochMs, findEventType, type Location, type Severity } from "../../protocol/index.ts";
import type { CaseRow } from "../store/index.ts";

const NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2";
const SENDER = "sharp-eyes-smart-brain";
const SEVERITIES: Readonly<Record<Severity, string>> = {
  1: "Extreme",
  2: "Severe",
  3: "Moderate",
  4: "Minor",
};
/** A circle needs a radius; a camera that does not tell its accuracy sees about this far, km. */
const DEFAULT_RADIUS_KM = 0.05;
/** Nobody outside may read it: who receives it is a department or under its contract. */
const RESTRICTION = "For the departments responsible and those they authorise";
const ENDED: ReadonlySet<string> = new Set(["CLOSED", "EVALUATED", "ARCHIVED", "HANDLED"]);
const WITHDRAWN: ReadonlySet<string> = new Set(["REJECTED", "CANCELLED", "MERGED"]);

/** Identifiers take neither spaces nor commas nor `<` nor `&`; case ids have none. */
export function capIdentifier(row: Pick<CaseRow, "id" | "version">): string {
  return `${row.id}.${row.version}`;
}

/** @param row of a case; the version before it is what an update refers to. */
export function capMessage(row: CaseRow): string {
  const sent = capTime(row.updated_at.getTime());
  const isFirst = row.version === 1;
  const msgType = WITHDRAWN.has(row.state) ? "Cancel" : isFirst ? "Alert" : "Update";
  const document = create({ version: "1.0", encoding: "UTF-8" }).ele(NAMESPACE, "alert");
  document.ele("identifier").txt(capIdentifier(row));
  document.ele("sender").txt(SENDER);
  document.ele("sent").txt(sent);
  document.ele("status").txt("Actual");
  document.ele("msgType").txt(msgType);
  document.ele("scope").txt("Restricted");
  document.ele("restriction").txt(RESTRICTION);
  if (!isFirst) {
    const first = capIdentifier({ id: row.id, version: 1 });
    const firstSent = capTime(row.reported_at.getTime());
    document.ele("references").txt(`${SENDER},${first},${firstSent}`);
  }
  document.ele("incidents").txt(row.incident_id);
  for (const [language, headline] of [
    ["zh-CN", row.title.zh],
    ["en-US", row.title.en],
  ] as const) {
    addInfo(document.ele("info"), row, language, headline);
  }
  return document.end({ prettyPrint: true });
}

type Element = ReturnType<typeof create>;

function addInfo(info: Element, row: CaseRow, language: string, headline: string): void {
  const type = findEventType(row.event_type);
  const isOver = ENDED.has(row.state);
  const text = (name: string, value: string): void => {
    info.ele(name).txt(value);
  };
  text("language", language);
  text("category", type?.capCategory ?? "Other");
  text("event", headline);
  text("responseType", isOver ? "AllClear" : "Execute");
  text("urgency", isOver ? "Past" : "Immediate");
  text("severity", SEVERITIES[row.severity]);
  // A machine saw it; only a person who looked makes it observed.
  text("certainty", row.state === "REPORTED" || row.state === "VERIFYING" ? "Possible" : "Likely");
  addPair(info.ele("eventCode"), "sesb", row.event_type);
  text("onset", capTime(row.onset.getTime()));
  text("senderName", SENDER);
  text("headline", `${headline} ${row.number}`);
  for (const [name, value] of [
    ["caseNumber", row.number],
    ["caseState", row.state],
    ["serviceLevel", row.service_level],
    ["line", row.line],
    ["lead", row.lead],
  ] as const) {
    addPair(info.ele("parameter"), name, value);
  }
  addArea(info.ele("area"), row.location, row.camera_name);
}

function addPair(element: Element, name: string, value: string): void {
  element.ele("valueName").txt(name);
  element.ele("value").txt(value);
}

/** CAP knows WGS84 only; a place in GCJ02 is told by its description and grid, not by a circle. */
function addArea(area: Element, location: Location, cameraName: string): void {
  area.ele("areaDesc").txt(location.address ?? cameraName);
  if (location.crs !== "GCJ02") {
    const radiusKm = Math.max(0.001, (location.accuracyM ?? 1000 * DEFAULT_RADIUS_KM) / 1000);
    area.ele("circle").txt(`${location.lat},${location.lon} ${Number(radiusKm.toFixed(3))}`);
  }
  if (location.gridCode !== undefined) {
    addPair(area.ele("geocode"), "gridCode", location.gridCode);
  }
}

/** CAP's dateTime wants a numeric offset, never `Z`, and no fractions. */
export function capTime(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 19)}+00:00`;
}
