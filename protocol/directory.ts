/**
 * The directory of a town: areas down to the grid, departments and their disposal units, registered
 * cameras, people on duty and the work calendar. Registers of persons are no part of it.
 */
import { z } from "zod";
import {
  departmentCodeSchema,
  departmentSchema,
  eventTypeCodeSchema,
  lineSchema,
} from "./catalogue/index.ts";
import { cameraIdSchema, gridCodeSchema, nodeIdSchema } from "./ids.ts";

/** Printable text: no control characters but line ends, no broken surrogate pairs. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|\n)*$/u, "expected text without control characters");
const named = (max: number) => text(max).min(1, "expected some text");
const slug = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "expected 1–64 letters, digits, '.', '_' or '-'");

/** A day of the town's own calendar, `YYYY-MM-DD`. */
export const localDateSchema = z.iso.date("expected a date YYYY-MM-DD");
/** A time of day, `00:00` to `24:00`. */
export const timeOfDaySchema = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, "expected a time of day hh:mm");

/** Longitude and latitude in degrees, WGS 84, in the order of GeoJSON. */
export type LonLat = readonly [lon: number, lat: number];
const lonLatSchema = z
  .array(z.number())
  .min(2)
  .max(3)
  .transform((values, context): LonLat => {
    const [lon, lat] = values as [number, number];
    if (Math.abs(lon) > 180 || Math.abs(lat) > 90) {
      context.addIssue({
        code: "custom",
        message: `expected [longitude, latitude] in degrees, got [${String(lon)}, ${String(lat)}]`,
      });
    }
    return [lon, lat];
  });

/** The first ring is the border, the others are holes; the last position repeats the first. */
export type PolygonRings = readonly (readonly LonLat[])[];
const ringsSchema = z.array(z.array(lonLatSchema).min(4).max(20_000)).min(1).max(1_000);
export const areaGeometrySchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("Polygon"), coordinates: ringsSchema }),
  z.object({
    type: z.literal("MultiPolygon"),
    coordinates: z.array(ringsSchema).min(1).max(1_000),
  }),
]);
export type AreaGeometry = z.infer<typeof areaGeometrySchema>;

/** Digits of a code per level: 6 district + 3 street or town + 3 community + 3 sequence. */
export const AREA_DIGITS = { street: 9, community: 12, grid: 15 } as const;
export type AreaLevel = keyof typeof AREA_DIGITS;

export const areaSchema = z
  .object({
    level: z.enum(["street", "community", "grid"]),
    code: z.string().regex(/^\d{9}(?:\d{3}){0,2}$/, "expected 9, 12 or 15 digits"),
    /** Kind of code: `unit` is the 15-digit unit grid. Others are not supported. */
    scheme: z.literal("unit"),
    zh: named(80),
    en: text(80),
    /** Required for a grid; a street or community without is the sum of its grids. */
    geometry: areaGeometrySchema.nullable(),
  })
  .strict();
export type Area = z.infer<typeof areaSchema>;

export const townDepartmentSchema = departmentSchema
  .extend({
    zh: named(80),
    en: text(80),
    note: text(400),
    /** Whom to ask for: a desk or an office. */
    contact: text(80).default(""),
    phone: text(40).default(""),
    /** Why nothing new goes to the department's own system; empty while it does. */
    disabled: text(200).default(""),
  })
  .strict();
export type TownDepartment = z.infer<typeof townDepartmentSchema>;

/** Who does the work under a department (处置单位): utilities, sanitation, property managers. */
export const disposalUnitSchema = z
  .object({
    code: slug,
    department: departmentCodeSchema,
    kind: z.enum(["utility", "sanitation", "property", "contractor", "volunteers", "other"]),
    zh: named(80),
    en: text(80),
    phone: text(40),
  })
  .strict();
export type DisposalUnit = z.infer<typeof disposalUnitSchema>;

/**
 * Who leads and who acts beside in some area. The rule that names a type best counts, and of several
 * the one with the longest area; where none fits the catalogue decides.
 */
export const routingRuleSchema = z
  .object({
    /** A type, a family such as `FIR.*`, or `*`. */
    eventType: z
      .string()
      .regex(
        /^(?:\*|[A-Z]{2,3}\.(?:\*|[A-Z]{2,8}))$/,
        "expected an event type, a family such as FIR.*, or *",
      ),
    /** Leading digits of grids; empty: everywhere. */
    area: z.string().regex(/^(?:\d{2,15})?$/, "expected up to 15 digits, or nothing"),
    lead: departmentCodeSchema,
    /** Disposal unit of the lead, or empty. */
    unit: z.union([slug, z.literal("")]),
    /** Beside the lead; null: as the catalogue says. */
    co: z.array(departmentCodeSchema).max(14).nullable(),
  })
  .strict();
export type RoutingRule = z.infer<typeof routingRuleSchema>;

/** Registers of persons: they are never enabled and nothing that is seen can carry them. */
export const PERSON_LINES: readonly string[] = ["B3", "B4"];
export const townLineSchema = lineSchema
  .extend({ zh: named(80), en: text(80), videoLink: text(80) })
  .strict();
export type TownLine = z.infer<typeof townLineSchema>;

export const SITE_TYPES = [
  "street",
  "square",
  "park",
  "school-gate",
  "building-entrance",
  "construction-site",
  "waterside",
  "car-park",
  "corridor",
  "other-public",
] as const;
export const siteTypeSchema = z.enum(SITE_TYPES);
/** Where no camera may ever be (decree 799, article 8); there is no way around it. */
export const FORBIDDEN_SITE_TYPES: readonly string[] = [
  "guest-room",
  "private-dining-room",
  "dormitory-room",
  "bathroom",
  "toilet",
  "changing-room",
  "fitting-room",
  "nursing-room",
];

/** What seeing something serves. Public-security cameras do not serve city management by themselves. */
export const purposeClassSchema = z.enum([
  "public-safety",
  "city-management",
  "device-health",
  "public-service",
]);
export type PurposeClass = z.infer<typeof purposeClassSchema>;

/** Purpose class per family of event types; public service comes from people, never from video. */
const PURPOSE_OF_FAMILY: Readonly<Record<string, PurposeClass>> = {
  SEC: "public-safety",
  SCH: "public-safety",
  MED: "public-safety",
  WAT: "public-safety",
  FIR: "public-safety",
  SAF: "public-safety",
  INF: "public-safety",
  TRF: "public-safety",
  GAT: "public-safety",
  ENV: "city-management",
  UM: "city-management",
  CIV: "public-service",
  DEV: "device-health",
};

export function familyOf(eventType: string): string {
  return eventType.slice(0, eventType.indexOf("."));
}

/** Undefined for a family that declares none: such a type can be enabled nowhere. */
export function purposeClassOf(eventType: string): PurposeClass | undefined {
  return PURPOSE_OF_FAMILY[familyOf(eventType)];
}

/** Sites at which a camera may tell of fire, crush and itself only (PR-10). */
export const SHIELDED_TAGS: readonly string[] = ["religious-site", "medical-interior"];
export function isAllowedAtShieldedSite(eventType: string): boolean {
  return eventType === "SEC.CROWD" || ["FIR", "DEV"].includes(familyOf(eventType));
}

/** Where a camera looks. The bearing of a camera that turns is that of its home position. */
export const cameraViewSchema = z
  .object({
    /** Degrees clockwise from north to the middle of the view. */
    bearingDeg: z.number().min(0).lt(360),
    /** Full opening angle; 360 sees all around. */
    angleDeg: z.number().positive().max(360),
    rangeM: z.number().positive().max(20_000),
  })
  .strict();
export type CameraView = z.infer<typeof cameraViewSchema>;

/** A camera's entry in the register. What an active one must have is checked apart (PR-01). */
export const registeredCameraSchema = z
  .object({
    nodeId: nodeIdSchema,
    cameraId: cameraIdSchema,
    name: named(80),
    kind: z.enum(["fixed", "ptz", "high-point"]),
    /** May be analysed. A planned or retired camera is registered and not active. */
    active: z.boolean(),
    position: lonLatSchema,
    view: cameraViewSchema.nullable(),
    siteType: siteTypeSchema,
    tags: z.array(z.enum(["religious-site", "medical-interior", "key-site"])),
    /** Article of decree 799 that it stands under; it decides which checks apply. */
    legalClass: z.enum(["article-7", "article-9"]).nullable(),
    managingUnit: text(120),
    contact: text(120),
    purposes: z.array(purposeClassSchema),
    /** Why the camera is needed here. */
    necessity: text(400),
    /** Reference of the approval to install it. */
    installApproval: text(120),
    signPosted: z.boolean(),
    retentionDays: z.number().int().min(1).max(3_650).nullable(),
    /** What it may tell of; device events need no naming. */
    eventTypes: z.array(eventTypeCodeSchema),
    /** Recorded grounds for purposes beyond the camera's own. */
    legalBases: z.array(
      z
        .object({ purpose: purposeClassSchema, basis: named(200), recordedOn: localDateSchema })
        .strict(),
    ),
    inUseSince: localDateSchema.nullable(),
    /** Day of the filing with the police, due 30 days after the start of use. */
    filedOn: localDateSchema.nullable(),
  })
  .strict();
export type RegisteredCamera = z.infer<typeof registeredCameraSchema>;

/** Name of a camera across nodes: `node/camera`. */
export const cameraRefSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "expected node/camera",
  );
export function cameraRefOf(nodeId: string, cameraId: string): string {
  return `${nodeId}/${cameraId}`;
}

/** How long the way takes from what one camera sees to what another sees. Directed. */
export const cameraNeighbourSchema = z
  .object({
    from: cameraRefSchema,
    to: cameraRefSchema,
    minS: z.number().nonnegative(),
    typicalS: z.number().nonnegative(),
    maxS: z.number().nonnegative().max(86_400),
  })
  .strict();
export type CameraNeighbour = z.infer<typeof cameraNeighbourSchema>;

export const responderSchema = z
  .object({
    id: slug,
    department: departmentCodeSchema,
    /** Disposal unit, or empty for the department's own people. */
    unit: z.union([slug, z.literal("")]),
    name: named(80),
    duty: z.enum(["officer", "grid-worker", "inspector", "crew", "desk"]),
    phone: text(40),
  })
  .strict();
export type Responder = z.infer<typeof responderSchema>;

/** A shift that repeats on days of the week, in the town's time. */
export const dutyShiftSchema = z
  .object({
    responder: slug,
    /** Street, community or grid that is covered. */
    area: z.string().regex(/^\d{9}(?:\d{3}){0,2}$/, "expected 9, 12 or 15 digits"),
    /** 1 is called first. */
    rank: z.number().int().min(1).max(9),
    /** Days on which it starts, 1 Monday to 7 Sunday, rising. */
    days: z.string().regex(/^(?=.)1?2?3?4?5?6?7?$/, "expected days 1–7 in order, such as 12345"),
    from: timeOfDaySchema,
    /** An end not after `from` lies on the next day. */
    to: timeOfDaySchema,
    /** First and last day on which it starts; null has no bound. */
    firstDay: localDateSchema.nullable(),
    lastDay: localDateSchema.nullable(),
  })
  .strict();
export type DutyShift = z.infer<typeof dutyShiftSchema>;

export const workingHoursSchema = z
  .object({
    /** 1 Monday to 7 Sunday; a day without rows is free. */
    day: z.number().int().min(1).max(7),
    from: timeOfDaySchema,
    to: timeOfDaySchema,
  })
  .strict();
export const calendarDaySchema = z
  .object({
    date: localDateSchema,
    /** A day off on a working day, or a make-up day (调休) that is worked like a Monday. */
    kind: z.enum(["holiday", "workday"]),
    name: text(80),
  })
  .strict();
export type WorkingHours = z.infer<typeof workingHoursSchema>;
export type CalendarDay = z.infer<typeof calendarDaySchema>;

/** What the arithmetic of working hours, working days and calendar days needs. */
export interface WorkCalendar {
  /** IANA name, such as `Asia/Shanghai`. */
  readonly timeZone: string;
  /** By day and time; spans of one day do not overlap. */
  readonly hours: readonly WorkingHours[];
  /** By date. */
  readonly days: readonly CalendarDay[];
}

export const townSettingsSchema = z
  .object({
    timeZone: z.string().refine(isTimeZone, "expected an IANA time zone"),
    /** A place outside of all grids belongs to the nearest one within this distance. */
    nearestGridM: z.number().min(0).max(5_000),
  })
  .strict();
export type TownSettings = z.infer<typeof townSettingsSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Everything that is imported and exported, each list in its canonical order. */
export interface TownRecord {
  readonly settings: TownSettings;
  readonly areas: readonly Area[];
  readonly departments: readonly TownDepartment[];
  readonly units: readonly DisposalUnit[];
  readonly lines: readonly TownLine[];
  readonly cameras: readonly RegisteredCamera[];
  readonly neighbours: readonly CameraNeighbour[];
  readonly responders: readonly Responder[];
  readonly shifts: readonly DutyShift[];
  readonly hours: readonly WorkingHours[];
  readonly days: readonly CalendarDay[];
  /** Absent where files say nothing of it: what is in force stays. */
  readonly routing?: readonly RoutingRule[];
}

/**
 * How an event got its grid: as it said, by its point, by the nearest grid, or not at all. A code
 * that no grid has is kept as `claimed` and the point decides.
 */
export const locatedGridSchema = z
  .object({
    gridCode: gridCodeSchema.nullable(),
    how: z.enum(["named", "point", "nearest", "outside"]),
    /** Unknown code that the event named. */
    claimed: z.string().optional(),
    /** To the nearest grid, where that one was taken. */
    distanceM: z.number().nonnegative().optional(),
  })
  .strict();
export type LocatedGrid = z.infer<typeof locatedGridSchema>;
