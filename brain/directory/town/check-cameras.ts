/** The law of cameras at their registration: statements PR-01, PR-02, PR-03b and PR-10. */
import {
  findEventType,
  FORBIDDEN_SITE_TYPES,
  isAllowedAtShieldedSite,
  PERSON_LINES,
  purposeClassOf,
  type RegisteredCamera,
  SHIELDED_TAGS,
  SITE_TYPES,
} from "../../../protocol/index.ts";
import { excerpt, type Located } from "./located.ts";
import type { Report, TownProblems } from "./problems.ts";

/** Footage is kept this long at least (decree 799, article 17). */
const RETENTION_FLOOR_DAYS = 30;
/** At key sites (counter-terrorism law, article 32). */
const KEY_SITE_FLOOR_DAYS = 90;
/** The police must have the filing this long after the start of use (article 14). */
export const FILING_DUE_DAYS = 30;
const DAY_MS = 86_400_000;

/** PR-02, on what the file says: such a site has no place even in the schema. */
export function isPermittedSite(
  properties: Readonly<Record<string, unknown>>,
  where: string,
  report: Report,
): boolean {
  const siteType = properties["siteType"];
  if (typeof siteType !== "string" || !FORBIDDEN_SITE_TYPES.includes(siteType)) {
    return true;
  }
  report({
    where: `${where} siteType`,
    rule: "PR-02",
    message: "no camera may be at this kind of site, for whatever reason",
    expected: `one of ${SITE_TYPES.join(", ")}`,
    got: siteType,
  });
  return false;
}

export function checkCameras(
  cameras: readonly Located<RegisteredCamera>[],
  today: string,
  problems: TownProblems,
): void {
  for (const camera of cameras) {
    checkEventTypes(camera, problems.error);
    if (camera.value.active) {
      checkActivation(camera, problems.error);
      warnOfFiling(camera, today, problems.warn);
    }
  }
}

/** PR-01: what an active camera must have. Article 9 sites are exempt from filing and retention. */
function checkActivation({ value, where }: Located<RegisteredCamera>, report: Report): void {
  const demand = (isThere: boolean, field: string, expected: string, got = "nothing"): void => {
    if (!isThere) {
      const message = "the camera cannot be active without this";
      report({ where: `${where} ${field}`, rule: "PR-01", message, expected, got });
    }
  };
  demand(value.managingUnit !== "", "managingUnit", "the unit that manages the camera");
  demand(value.purposes.length > 0, "purposes", "at least one purpose");
  demand(value.necessity !== "", "necessity", "why the camera is needed here");
  demand(value.installApproval !== "", "installApproval", "reference of the approval");
  demand(value.signPosted, "signPosted", "a sign that tells passers-by", "none");
  demand(value.legalClass !== null, "legalClass", "article-7 or article-9 of decree 799");
  demand(value.retentionDays !== null, "retentionDays", "days that footage is kept");
  demand(value.eventTypes.length > 0, "eventTypes", "at least one type of event");
  if (value.legalClass !== "article-7") {
    return;
  }
  demand(
    value.inUseSince !== null,
    "inUseSince",
    "the first day of use; the filing counts from it",
  );
  const isKeySite = value.tags.includes("key-site");
  const floorDays = isKeySite ? KEY_SITE_FLOOR_DAYS : RETENTION_FLOOR_DAYS;
  demand(
    value.retentionDays === null || value.retentionDays >= floorDays,
    "retentionDays",
    `at least ${floorDays} days${isKeySite ? " at a key site" : ""}`,
    `${value.retentionDays ?? 0}`,
  );
}

/** PR-03b and PR-10: what a camera may tell of. */
function checkEventTypes({ value, where }: Located<RegisteredCamera>, report: Report): void {
  const shield = value.tags.find((tag) => SHIELDED_TAGS.includes(tag));
  for (const code of value.eventTypes) {
    const place = `${where} eventTypes`;
    const type = findEventType(code);
    if (type === undefined || PERSON_LINES.includes(type.line)) {
      const expected = "an event type of the catalogue";
      report({ where: place, message: "the event type is unknown", expected, got: excerpt(code) });
      continue;
    }
    if (shield !== undefined && !isAllowedAtShieldedSite(code)) {
      report({
        where: place,
        rule: "PR-10",
        message: `a camera tagged ${shield} may not tell of this`,
        expected: "fire (FIR), crush (SEC.CROWD) and device events (DEV) only",
        got: code,
      });
    }
    checkPurpose(value, code, place, report);
  }
}

function checkPurpose(camera: RegisteredCamera, code: string, where: string, report: Report): void {
  const purpose = purposeClassOf(code);
  if (purpose === "device-health") {
    return;
  }
  const isCovered =
    purpose !== undefined &&
    purpose !== "public-service" &&
    (camera.purposes.includes(purpose) ||
      camera.legalBases.some((basis) => basis.purpose === purpose));
  if (!isCovered) {
    report({
      where,
      rule: "PR-03b",
      message: `${code} serves ${purpose ?? "no declared purpose"}, the camera does not`,
      expected:
        purpose === "public-service" || purpose === undefined
          ? "an event type that video may serve"
          : `${purpose} among the purposes, or an entry in legalBases`,
      got: camera.purposes.join(", ") || "no purpose",
    });
  }
}

/** Day on which the filing is due, or null where none is. */
export function filingDueOn(camera: RegisteredCamera): string | null {
  if (
    !camera.active ||
    camera.legalClass !== "article-7" ||
    camera.inUseSince === null ||
    camera.filedOn !== null
  ) {
    return null;
  }
  const due = Date.parse(camera.inUseSince) + FILING_DUE_DAYS * DAY_MS;
  return new Date(due).toISOString().slice(0, 10);
}

function warnOfFiling(
  { value, where }: Located<RegisteredCamera>,
  today: string,
  report: Report,
): void {
  const due = filingDueOn(value);
  if (due !== null) {
    report({
      where: `${where} filedOn`,
      rule: "PR-01",
      message: due < today ? "the filing with the police is overdue" : "the filing is still due",
      expected: `a filing by ${due}`,
      got: "none",
    });
  }
}
