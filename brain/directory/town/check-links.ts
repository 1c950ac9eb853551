/** What one file says of another: departments, units, areas, cameras, people, days. */
import {
  cameraRefOf,
  catalogue,
  familyOf,
  PERSON_LINES,
  type TownRecord,
} from "../../../protocol/index.ts";
import { HUB_DEPARTMENT } from "../../cases/index.ts";
import type { Located } from "./located.ts";
import type { TownProblems } from "./problems.ts";

/** The lists of a town with the places of their entries. */
export type LocatedTown = {
  readonly [Name in Exclude<keyof TownRecord, "settings">]: readonly Located<
    Required<TownRecord>[Name][number]
  >[];
};

export function checkLinks(town: LocatedTown, problems: TownProblems): void {
  checkDepartments(town, problems);
  checkLines(town, problems);
  checkNeighbours(town, problems);
  checkPeople(town, problems);
  checkCalendar(town, problems);
  checkRouting(town, problems);
}

function checkDepartments({ departments, units }: LocatedTown, problems: TownProblems): void {
  const codes = new Set<string>(departments.map(({ value }) => value.code));
  if (!codes.has(HUB_DEPARTMENT)) {
    problems.error({
      where: "departments.csv",
      message: "the hub is missing; it takes what no other department can take",
      expected: `a department with the code ${HUB_DEPARTMENT}`,
      got: [...codes].join(", ") || "no departments",
    });
  }
  refuseDoubleIds(departments, problems);
  const named = new Map<string, string>();
  for (const type of catalogue.eventTypes) {
    for (const code of [type.lead, ...type.co]) {
      named.set(code, named.get(code) ?? type.code);
    }
  }
  for (const [code, type] of named) {
    if (!codes.has(code)) {
      problems.warn({
        where: "departments.csv",
        message: `events such as ${type} name department ${code}; its share falls to ${HUB_DEPARTMENT}`,
        expected: `a department with the code ${code}`,
        got: "none",
      });
    }
  }
  for (const { value, where } of units) {
    refuseUnknown(codes, value.department, `${where} department`, "departments.csv", problems);
  }
}

function refuseDoubleIds(departments: LocatedTown["departments"], problems: TownProblems): void {
  const first = new Map<string, string>();
  for (const { value, where } of departments) {
    const other = first.get(value.id);
    if (other !== undefined) {
      const message = "two departments have one id";
      problems.error({ where, message, expected: `an id other than at ${other}`, got: value.id });
    }
    first.set(value.id, other ?? where);
  }
}

function checkLines({ lines }: LocatedTown, { error }: TownProblems): void {
  for (const { value, where } of lines) {
    if (PERSON_LINES.includes(value.code) && value.enabled) {
      error({
        where: `${where} enabled`,
        rule: "PR-11",
        message: `line ${value.code} is a register of persons and stays disabled`,
        expected: "no",
        got: "yes",
      });
    }
  }
}

function checkNeighbours({ neighbours, cameras }: LocatedTown, problems: TownProblems): void {
  const known = new Set(cameras.map(({ value }) => cameraRefOf(value.nodeId, value.cameraId)));
  for (const { value, where } of neighbours) {
    refuseUnknown(known, value.from, `${where} from`, "cameras.geojson", problems);
    refuseUnknown(known, value.to, `${where} to`, "cameras.geojson", problems);
    if (value.from === value.to) {
      const message = "a camera is no neighbour of itself";
      problems.error({ where, message, expected: "two cameras", got: value.from });
    }
    if (!(value.minS <= value.typicalS && value.typicalS <= value.maxS)) {
      problems.error({
        where,
        message: "the travel times are not in order",
        expected: "minS ≤ typicalS ≤ maxS",
        got: [value.minS, value.typicalS, value.maxS].join(", "),
      });
    }
  }
}

function checkPeople(town: LocatedTown, problems: TownProblems): void {
  const departments = new Set<string>(town.departments.map(({ value }) => value.code));
  const units = new Map(town.units.map(({ value }) => [value.code, value]));
  const responders = new Set(town.responders.map(({ value }) => value.id));
  const areas = new Set(town.areas.map(({ value }) => value.code));
  for (const { value, where } of town.responders) {
    const { department, unit } = value;
    refuseUnknown(departments, department, `${where} department`, "departments.csv", problems);
    if (unit === "") {
      continue;
    }
    refuseUnknown(units, unit, `${where} unit`, "units.csv", problems);
    const owner = units.get(unit)?.department;
    if (owner !== undefined && owner !== department) {
      problems.error({
        where: `${where} unit`,
        message: "the unit works under another department",
        expected: `a unit of ${department}`,
        got: `${unit} of ${owner}`,
      });
    }
  }
  for (const { value, where } of town.shifts) {
    refuseUnknown(responders, value.responder, `${where} responder`, "responders.csv", problems);
    refuseUnknown(areas, value.area, `${where} area`, "grids.geojson", problems);
    const { firstDay, lastDay } = value;
    if (firstDay !== null && lastDay !== null && firstDay > lastDay) {
      const message = "the shift ends before it begins";
      problems.error({
        where,
        message,
        expected: "firstDay ≤ lastDay",
        got: `${firstDay} > ${lastDay}`,
      });
    }
  }
}

function checkCalendar({ hours }: LocatedTown, { error }: TownProblems): void {
  const byTime = [...hours].sort(
    (a, b) => a.value.day - b.value.day || (a.value.from < b.value.from ? -1 : 1),
  );
  byTime.forEach(({ value, where }, index) => {
    const before = byTime[index - 1]?.value;
    if (value.from >= value.to) {
      const got = `${value.from} to ${value.to}`;
      error({ where, message: "the working hours are empty", expected: "from before to", got });
    } else if (before?.day === value.day && before.to > value.from) {
      error({
        where,
        message: "the working hours overlap",
        expected: `a start not before ${before.to}`,
        got: value.from,
      });
    }
  });
}

function checkRouting(town: LocatedTown, problems: TownProblems): void {
  const departments = new Set<string>(town.departments.map(({ value }) => value.code));
  const units = new Map(town.units.map(({ value }) => [value.code, value]));
  const types = new Set<string>(
    catalogue.eventTypes.flatMap(({ code }) => [code, `${familyOf(code)}.*`]),
  ).add("*");
  const grids = town.areas.map(({ value }) => value.code);
  for (const { value, where } of town.routing) {
    const { eventType, area, lead, unit, co } = value;
    refuseUnknown(types, eventType, `${where} eventType`, "the catalogue", problems);
    for (const code of [lead, ...(co ?? [])]) {
      refuseUnknown(departments, code, where, "departments.csv", problems);
    }
    if (unit !== "") {
      refuseUnknown(units, unit, `${where} unit`, "units.csv", problems);
    }
    const owner = units.get(unit)?.department;
    if (owner !== undefined && owner !== lead) {
      problems.error({
        where: `${where} unit`,
        message: "the unit works under another department",
        expected: `a unit of ${lead}`,
        got: `${unit} of ${owner}`,
      });
    }
    if (area !== "" && !grids.some((code) => code.startsWith(area) || area.startsWith(code))) {
      const message = "no area of the town begins like this; the rule fits nothing";
      problems.warn({ where: `${where} area`, message, expected: "leading digits", got: area });
    }
  }
}

function refuseUnknown(
  known: { has: (name: string) => boolean },
  name: string,
  where: string,
  file: string,
  { error }: TownProblems,
): void {
  if (!known.has(name)) {
    error({
      where,
      message: "nothing of this name is there",
      expected: `an entry of ${file}`,
      got: name,
    });
  }
}
