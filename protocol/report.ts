/**
 * Reports of people (上报): grid workers, residents and the hotline tell of something through the
 * same door. A resident needs no account: a tracking code follows the report and rates its handling.
 */
import { z } from "zod";
import { eventTypeCodeSchema, findEventType } from "./catalogue/index.ts";
import { wordsSchema } from "./command.ts";
import { isMachineOnly } from "./machine-only.ts";
import { personReportSchema, reportChannelSchema } from "./event.ts";
import { timestampSchema } from "./time.ts";

/** Most pictures of one report, and most bytes of each as it is sent. */
export const REPORT_PHOTOS = 3;
export const REPORT_PHOTO_BYTES = 4 * 1_048_576;
/** Pictures, the report's text and what multipart puts around them. */
export const REPORT_BYTES = REPORT_PHOTOS * REPORT_PHOTO_BYTES + 65_536;
export const REPORT_TEXT_LENGTH = 500;

/** Whoever reported may rate the handling this long after the case was closed. */
export const RATING_MS = 7 * 86_400_000;

export function isReportable(code: string): boolean {
  return findEventType(code) !== undefined && !isMachineOnly(code);
}

/** At least one of a point, a grid and an address; the point decides where there are several. */
export const reportPlaceSchema = z
  .object({
    /** Degrees, WGS 84 as the phone gives them. */
    lat: z.number().min(-90).max(90).optional(),
    lon: z.number().min(-180).max(180).optional(),
    /** Radius within which the phone believes itself, m. */
    accuracyM: z.number().positive().max(100_000).optional(),
    /** A grid, 15 digits. */
    grid: z
      .string()
      .regex(/^\d{15}$/, "expected 15 digits")
      .optional(),
    address: wordsSchema(200).optional(),
  })
  .strict()
  .refine((place) => (place.lat === undefined) === (place.lon === undefined), {
    error: "expected lat and lon together",
  })
  .refine((place) => (place.lat ?? place.grid ?? place.address) !== undefined, {
    error: "expected lat and lon, a grid or an address",
  });
export type ReportPlace = z.infer<typeof reportPlaceSchema>;

/**
 * Body of `POST /v1/reports`: as JSON, or as the field `report` of multipart/form-data with the
 * pictures as `photo`. The header `idempotency-key`, a UUID, makes a repetition harmless.
 */
export const reportRequestSchema = z
  .object({
    channel: reportChannelSchema,
    eventType: eventTypeCodeSchema.refine(isReportable, "expected a type that people can report"),
    text: wordsSchema(REPORT_TEXT_LENGTH),
    place: reportPlaceSchema,
    /** When it was seen; now where absent. */
    seenAt: timestampSchema.optional(),
    /** How the reporter can be reached. Kept sealed, and never in a list. */
    contact: wordsSchema(100).optional(),
    ticket: personReportSchema.shape.ticket,
  })
  .strict();
export type ReportRequest = z.infer<typeof reportRequestSchema>;

/** `XXXX-XXXX-XXXX` without letters that look like digits; case and dashes do not matter. */
export const trackingCodeSchema = z
  .string()
  .transform((text) => text.toUpperCase().replace(/[\s-]/g, ""))
  .pipe(z.string().regex(/^[0-9A-HJKMNP-TV-Z]{12}$/, "expected a code of 12 letters and digits"));

export const reportReceiptSchema = z.object({
  /** Shown this once; who has it sees the report's state. */
  code: z.string(),
  receivedAt: timestampSchema,
  photos: z.number().int(),
  /** True when this report had been received before. */
  repeated: z.boolean(),
});
export type ReportReceipt = z.infer<typeof reportReceiptSchema>;

/** How far a report has come, in steps that mean something to a reporter. */
export const reportStepSchema = z.enum([
  "received",
  "looked-at",
  "taken-up",
  "sent",
  "in-hand",
  "paused",
  "done",
  "closed",
  "declined",
]);
export type ReportStep = z.infer<typeof reportStepSchema>;

const words = z.object({ zh: z.string(), en: z.string() });

export const ratingSchema = z.object({
  stars: z.number().int().min(1).max(5),
  comment: z.string().nullable(),
  at: timestampSchema,
});

/** Answer to `GET /v1/reports/{code}`: no departments, names or places. */
export const reportStateSchema = z.object({
  step: reportStepSchema,
  words,
  /** What was reported, as the catalogue names it. */
  title: words,
  receivedAt: timestampSchema,
  /** Since when this step. */
  changedAt: timestampSchema,
  rating: ratingSchema.nullable(),
  /** Until when the handling can be rated; null while it cannot. */
  rateUntil: timestampSchema.nullable(),
});
export type ReportState = z.infer<typeof reportStateSchema>;

/** Body of `POST /v1/reports/{code}/rating`. */
export const ratingRequestSchema = z
  .object({
    /** 5 is best. */
    stars: z.number().int().min(1).max(5),
    comment: wordsSchema(500).optional(),
    /** It is not solved: the case is taken up again. Needs a comment. */
    reopen: z.boolean().default(false),
  })
  .strict()
  .refine(({ reopen, comment }) => !reopen || comment !== undefined, {
    path: ["comment"],
    error: "expected words on what is not solved",
  });
export type RatingRequest = z.infer<typeof ratingRequestSchema>;

/** Grids that a reporter can name instead of a point. */
export const reportAreasSchema = z.object({
  areas: z.array(
    z.object({
      code: z.string(),
      zh: z.string(),
      en: z.string(),
      /** The community that it lies in. */
      community: words.nullable(),
    }),
  ),
});
export type ReportAreas = z.infer<typeof reportAreasSchema>;

/** A case's reports as the control room sees them: the contact is opened one by one. */
export const caseReportsSchema = z.object({
  reports: z.array(
    z.object({
      id: z.uuid(),
      channel: reportChannelSchema,
      text: z.string(),
      receivedAt: timestampSchema,
      hasContact: z.boolean(),
      photos: z.array(z.string()),
      rating: ratingSchema.nullable(),
    }),
  ),
});
export type CaseReports = z.infer<typeof caseReportsSchema>;

/** The six joint mechanisms (六联). */
export const mechanismSchema = z.enum([
  "mediation",
  "security",
  "key-sites",
  "focus-problems",
  "services",
  "safe-town",
]);
export type Mechanism = z.infer<typeof mechanismSchema>;

/** A mechanism with its event types and what became of their cases. */
export const playbookListSchema = z.object({
  since: timestampSchema,
  playbooks: z.array(
    z.object({
      mechanism: mechanismSchema,
      zh: z.string(),
      en: z.string(),
      /** Who is brought together, and for what. */
      aim: words,
      eventTypes: z.array(z.string()),
      cases: z.number().int(),
      open: z.number().int(),
      /** Dispatched within the dispatch limit, of those dispatched. */
      dispatchedInTime: z.number().int(),
      dispatched: z.number().int(),
      /** Of these cases, those that a person reported. */
      fromPeople: z.number().int(),
    }),
  ),
});
export type PlaybookList = z.infer<typeof playbookListSchema>;
