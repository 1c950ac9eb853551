/** The catalogue in force, parsed once. */
import data from "./catalogue.json" with { type: "json" };
import {
  catalogueSchema,
  type BusinessLine,
  type Catalogue,
  type Department,
  type EventType,
} from "./schema.ts";

export * from "./schema.ts";

export const catalogue: Catalogue = catalogueSchema.parse(data);

const eventTypes = new Map<string, EventType>(
  catalogue.eventTypes.map((type) => [type.code, type]),
);
const departments = new Map<string, Department>(
  catalogue.departments.map((department) => [department.code, department]),
);
const lines = new Map<string, BusinessLine>(catalogue.lines.map((line) => [line.code, line]));

export function findEventType(code: string): EventType | undefined {
  return eventTypes.get(code);
}

export function findDepartment(code: string): Department | undefined {
  return departments.get(code);
}

export function findLine(code: string): BusinessLine | undefined {
  return lines.get(code);
}
