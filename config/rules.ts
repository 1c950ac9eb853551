/**
 * Configuration of the rules of one camera. Durations are seconds of wall time, never frames;
 * places are picture fractions; metres and speeds count only where the camera is calibrated.
 */
import { z } from "zod";
import {
  findEventType,
  type ParameterUnit,
  pointNormSchema,
  polygonNormSchema,
  ruleIdSchema,
} from "../protocol/index.ts";

const eventTypeSchema = z
  .string()
  .refine((code) => findEventType(code) !== undefined, "expected an event type of the catalogue");

const minuteOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected HH:MM");

/** When a rule is on; without any, always. `to` before `from` reaches into the next day. */
export const scheduleSchema = z
  .array(
    z
      .object({
        /** 1 Monday … 7 Sunday: the day on which the span begins. */
        days: z.array(z.number().int().min(1).max(7)).min(1).default([1, 2, 3, 4, 5, 6, 7]),
        from: minuteOfDay,
        to: minuteOfDay,
      })
      .strict(),
  )
  .max(32)
  .default([]);

/**
 * A parameter's unit, for forms that are made from these schemas. It says the same as the name.
 * Where a rule has one value for calibrated cameras and one for others, `calibrated` tells which.
 */
const of = (unit: ParameterUnit, calibrated?: boolean) =>
  calibrated === undefined ? { unit } : { unit, calibrated };

const seconds = (max: number) => z.number().min(0).max(max).meta(of("s"));
const ofPicture = z.number().min(0).max(1).meta(of("picture"));
const lineSchema = z.tuple([pointNormSchema, pointNormSchema]);
const directionSchema = z.enum(["left-to-right", "right-to-left", "both"]);

const VEHICLES = ["car", "truck", "bus", "motorcycle"];
const LUGGAGE = ["backpack", "handbag", "suitcase"];

/** Classes that rules are usually about; a model may tell more. */
export const RULE_CLASSES: readonly string[] = ["person", "bicycle", ...VEHICLES, ...LUGGAGE];

const ruleBase = {
  id: ruleIdSchema,
  /** Event type of the catalogue that an alarm of this rule is reported as. */
  eventType: eventTypeSchema,
  /** When it is on, in the node's time zone; an alarm still open then ends. */
  schedule: scheduleSchema,
  /**
   * After an alarm of this rule has ended, how long it stays silent; rules with an alarm for each
   * object (parking, abandoned objects) only at the place where that one was.
   */
  cooldownS: seconds(86_400).default(10),
} as const;

/** What a rule that judges objects takes and leaves. */
const objects = (classes: readonly string[]) => ({
  /** Object classes the rule looks at. */
  classes: z
    .array(z.string())
    .min(1)
    .default([...classes]),
  /** Detections below this score do not count, 0–1. */
  minScore: z.number().min(0).max(1).meta(of("share")).default(0.4),
  /** Smallest and largest height of an object, in picture fractions. */
  minHeight: ofPicture.default(0),
  maxHeight: ofPicture.default(1),
});

/** The alarm ends when its cause has been away this long. */
const clearS = (value: number) => seconds(3600).default(value);

export const zoneRuleSchema = z
  .object({
    kind: z.literal("zone-intrusion"),
    ...ruleBase,
    ...objects(["person"]),
    /** The zone's corners in picture fractions. */
    zone: polygonNormSchema,
    /** An object must stand in the zone this long before it alarms. */
    dwellS: seconds(3600).default(0.5),
    clearS: clearS(3),
  })
  .strict();

export const lineRuleSchema = z
  .object({
    kind: z.literal("line-crossing"),
    ...ruleBase,
    ...objects(["person"]),
    /** From one end to the other, in picture fractions. */
    line: lineSchema,
    /** Which crossing alarms, seen when looking from the line's first end to its second. */
    direction: directionSchema.default("both"),
    /** An object within this distance of the line, in picture fractions, has not crossed yet. */
    margin: z.number().min(0).max(0.2).meta(of("picture")).default(0.005),
  })
  .strict();

export const loiteringRuleSchema = z
  .object({
    kind: z.literal("loitering"),
    ...ruleBase,
    ...objects(["person"]),
    zone: polygonNormSchema,
    /** One and the same object must have stayed this long without leaving. */
    dwellS: z.number().min(1).max(86_400).meta(of("s")).default(60),
    /** Unseen or outside for no longer than this is not leaving. */
    gapS: seconds(60).default(3),
    clearS: clearS(5),
  })
  .strict();

export const crowdRuleSchema = z
  .object({
    kind: z.literal("crowd"),
    ...ruleBase,
    ...objects(["person"]),
    zone: polygonNormSchema,
    /** People in the zone from which it is a crowd. */
    count: z.number().int().min(1).max(10_000).meta(of("count")).optional(),
    /** People per square metre from which it is dangerous; needs a calibrated camera. */
    densityPerM2: z.number().positive().max(20).meta(of("1/m2", true)).optional(),
    /** It must have lasted this long. */
    holdS: seconds(3600).default(5),
    clearS: clearS(10),
  })
  .strict()
  .refine(
    ({ count, densityPerM2 }) => count !== undefined || densityPerM2 !== undefined,
    "expected count or densityPerM2",
  );

export const abandonedRuleSchema = z
  .object({
    kind: z.literal("abandoned-object"),
    ...ruleBase,
    ...objects(LUGGAGE),
    zone: polygonNormSchema,
    /** Without anybody near it for this long it is abandoned. */
    unattendedS: z.number().min(1).max(86_400).meta(of("s")).default(60),
    /** A person whose foot point is nearer attends it: metres where calibrated, … */
    attendedM: z.number().min(0).max(50).meta(of("m", true)).default(3),
    /** … otherwise heights of that person. */
    attendedHeights: z.number().min(0).max(20).meta(of("heights", false)).default(1.5),
    /** Also what the model has no name for, told from a lasting change of the picture. */
    anyThing: z.boolean().default(false),
    clearS: clearS(5),
  })
  .strict();

export const removedRuleSchema = z
  .object({
    kind: z.literal("removed-object"),
    ...ruleBase,
    /** Tightly around the thing that has to be there, in picture fractions. */
    zone: polygonNormSchema,
    /** Share of the zone that has to look different. */
    share: z.number().min(0.05).max(1).meta(of("share")).default(0.4),
    /** It must have looked different this long, with nobody in front of it. */
    goneS: z.number().min(1).max(86_400).meta(of("s")).default(20),
    clearS: clearS(5),
  })
  .strict();

export const wrongWayRuleSchema = z
  .object({
    kind: z.literal("wrong-way"),
    ...ruleBase,
    ...objects(VEHICLES),
    zone: polygonNormSchema,
    /** The allowed way, from one point to another, in picture fractions. */
    allowed: lineSchema,
    /** A way that leaves the opposite of the allowed one by more than this is not wrong, degrees. */
    toleranceDeg: z.number().min(5).max(90).meta(of("deg")).default(60),
    /** It must have gone this far the wrong way: metres where calibrated, … */
    travelM: z.number().min(0).max(500).meta(of("m", true)).default(4),
    /** … otherwise heights of the object. */
    travelHeights: z.number().min(0).max(50).meta(of("heights", false)).default(1.5),
    clearS: clearS(3),
  })
  .strict();

export const parkingRuleSchema = z
  .object({
    kind: z.literal("parking"),
    ...ruleBase,
    ...objects(VEHICLES),
    /** Where nobody may stop: a fire lane, a no-parking zone. */
    zone: polygonNormSchema,
    /** A stop of this long is parking. */
    dwellS: z.number().min(1).max(86_400).meta(of("s")).default(120),
    /** A way of less than this share of the object's own size is standing still. */
    moveShare: z.number().min(0.01).max(1).meta(of("share")).default(0.25),
    /** Hidden for no longer than this, it has not left. */
    gapS: seconds(600).default(20),
    clearS: clearS(10),
  })
  .strict();

export const tailgatingRuleSchema = z
  .object({
    kind: z.literal("tailgating"),
    ...ruleBase,
    ...objects(["person"]),
    /** The gate's line; looking from its first end to its second. */
    line: lineSchema,
    direction: z.enum(["left-to-right", "right-to-left"]).default("left-to-right"),
    margin: z.number().min(0).max(0.2).meta(of("picture")).default(0.005),
    /** The next one through within this time slips in behind the one before. */
    withinS: z.number().positive().max(60).meta(of("s")).default(2),
    /** Everybody who slips in counts: nothing is silent unless wanted. */
    cooldownS: seconds(86_400).default(0),
  })
  .strict();

export const personDownRuleSchema = z
  .object({
    kind: z.literal("person-down"),
    ...ruleBase,
    ...objects(["person"]),
    zone: polygonNormSchema.optional(),
    /** Must have lain this long. */
    downS: z.number().min(0.5).max(600).meta(of("s")).default(3),
    clearS: clearS(5),
  })
  .strict();

export const runningRuleSchema = z
  .object({
    kind: z.literal("running"),
    ...ruleBase,
    ...objects(["person"]),
    zone: polygonNormSchema.optional(),
    /** Faster is running: metres per second where calibrated, … */
    speedMps: z.number().positive().max(50).meta(of("m/s", true)).default(3),
    /** … otherwise heights of the person per second. */
    speedHeightsPerS: z.number().positive().max(30).meta(of("heights/s", false)).default(1.7),
    /** It must have lasted this long. */
    holdS: z.number().min(0.2).max(60).meta(of("s")).default(1),
    clearS: clearS(3),
  })
  .strict();

export const dispersalRuleSchema = z
  .object({
    kind: z.literal("dispersal"),
    ...ruleBase,
    ...objects(["person"]),
    zone: polygonNormSchema.optional(),
    /** So many at least run away from where they were together … */
    count: z.number().int().min(3).max(1000).meta(of("count")).default(4),
    /** … within this time. */
    withinS: z.number().min(0.5).max(30).meta(of("s")).default(2),
    speedMps: z.number().positive().max(50).meta(of("m/s", true)).default(2),
    speedHeightsPerS: z.number().positive().max(30).meta(of("heights/s", false)).default(1.1),
    clearS: clearS(5),
  })
  .strict();

export const thrownRuleSchema = z
  .object({
    kind: z.literal("thrown-object"),
    ...ruleBase,
    /** Where things may fall, such as the front of a building. */
    zone: polygonNormSchema,
    /** Larger moving things do not count, in picture fractions. */
    maxSize: z.number().positive().max(0.5).meta(of("picture")).default(0.08),
    /** It must have fallen this far, in picture fractions. */
    minFall: z.number().positive().max(1).meta(of("picture")).default(0.15),
    clearS: clearS(3),
  })
  .strict();

export const countingRuleSchema = z
  .object({
    kind: z.literal("counting"),
    ...ruleBase,
    ...objects(["person"]),
    /** Crossing it from left to right counts in, the other way out. */
    line: lineSchema,
    margin: z.number().min(0).max(0.2).meta(of("picture")).default(0.005),
    /** Inside when the node starts. */
    initial: z.number().int().min(0).max(1_000_000).meta(of("count")).default(0),
    /** More inside than this alarms; without, it only counts. */
    limit: z.number().int().min(1).max(1_000_000).meta(of("count")).optional(),
    clearS: clearS(5),
  })
  .strict();

export const occupancyRuleSchema = z
  .object({
    kind: z.literal("occupancy"),
    ...ruleBase,
    ...objects(VEHICLES),
    zone: polygonNormSchema,
    /** So many in the zone at once alarm. */
    limit: z.number().int().min(1).max(10_000).meta(of("count")),
    holdS: seconds(3600).default(10),
    clearS: clearS(10),
  })
  .strict();

const TAMPER_CHECKS = ["covered", "moved", "blurred", "dark", "frozen", "lost"] as const;
export type TamperCheck = (typeof TAMPER_CHECKS)[number];

export const tamperRuleSchema = z
  .object({
    kind: z.literal("camera-tamper"),
    ...ruleBase,
    /** What may be wrong with the picture; one alarm for all of them. */
    checks: z.array(z.enum(TAMPER_CHECKS)).min(1).default(["covered", "moved"]),
    /** It must have lasted this long. */
    holdS: z.number().min(0.5).max(3600).meta(of("s")).default(5),
    clearS: clearS(5),
  })
  .strict();

export const ruleSchema = z.discriminatedUnion("kind", [
  zoneRuleSchema,
  lineRuleSchema,
  loiteringRuleSchema,
  crowdRuleSchema,
  abandonedRuleSchema,
  removedRuleSchema,
  wrongWayRuleSchema,
  parkingRuleSchema,
  tailgatingRuleSchema,
  personDownRuleSchema,
  runningRuleSchema,
  dispersalRuleSchema,
  thrownRuleSchema,
  countingRuleSchema,
  occupancyRuleSchema,
  tamperRuleSchema,
]);

export type RuleConfig = z.infer<typeof ruleSchema>;
export type RuleKind = RuleConfig["kind"];
export type RuleConfigOf<Kind extends RuleKind> = Extract<RuleConfig, { readonly kind: Kind }>;
export type ZoneRuleConfig = RuleConfigOf<"zone-intrusion">;
export type LineRuleConfig = RuleConfigOf<"line-crossing">;
export type Schedule = z.infer<typeof scheduleSchema>;

/** Objects that a rule does not judge, but judges others by. */
const BESIDES: Partial<Record<RuleKind, readonly string[]>> = {
  "abandoned-object": ["person"],
  running: ["bicycle", "motorcycle"], // Who rides does not run.
  "person-down": VEHICLES, // Who stands behind one is half hidden.
};

/** Classes that the model has to tell for a rule. */
export function classesOf(rule: RuleConfig): readonly string[] {
  return [...("classes" in rule ? rule.classes : []), ...(BESIDES[rule.kind] ?? [])];
}

/** Four or more points of the ground as the picture shows them and as they were measured. */
export const calibrationSchema = z
  .object({
    points: z
      .array(
        z
          .object({
            picture: pointNormSchema,
            /** Metres east and north of the camera's location. */
            groundM: z.tuple([
              z.number().min(-10_000).max(10_000),
              z.number().min(-10_000).max(10_000),
            ]),
          })
          .strict(),
      )
      .min(4)
      .max(64),
  })
  .strict();
export type CalibrationConfig = z.infer<typeof calibrationSchema>;
