/**
 * Pictures that people take for a case after the work (处置后照片), what may become of any picture,
 * and holds that keep a case from retention.
 */
import { z } from "zod";
import { wordsSchema } from "./command.ts";
import { caseIdSchema, sha256Schema } from "./ids.ts";
import { timestampSchema } from "./time.ts";

/** Most after-pictures of one round of a case. */
export const AFTER_PICTURES = 20;
/** Most bytes of one as it is sent. */
export const AFTER_PICTURE_BYTES = 4 * 1_048_576;

const degrees = (limit: number) => z.coerce.number().min(-limit).max(limit).optional();

/** What is said of a picture that is sent; the phone's own word. */
const claimShape = {
  takenAt: timestampSchema.optional(),
  /** WGS 84. */
  lat: degrees(90),
  lon: degrees(180),
  accuracyM: z.coerce.number().positive().max(100_000).optional(),
};
const hasWholePlace = (place: {
  readonly lat?: number | undefined;
  readonly lon?: number | undefined;
}): boolean => (place.lat === undefined) === (place.lon === undefined);
const WHOLE_PLACE = { error: "expected lat and lon together" };

/** Query of `POST /v1/cases/{id}/evidence`. */
export const afterPictureQuerySchema = z
  .object(claimShape)
  .strict()
  .refine(hasWholePlace, WHOLE_PLACE);
export type AfterPictureQuery = z.infer<typeof afterPictureQuerySchema>;

/** Query of `POST /v1/tasks/{taskId}/evidence`: the hash of the body is what is signed. */
export const taskPictureQuerySchema = z
  .object({ ...claimShape, sha256: sha256Schema, unit: wordsSchema(80).optional() })
  .strict()
  .refine(hasWholePlace, WHOLE_PLACE);
export type TaskPictureQuery = z.infer<typeof taskPictureQuerySchema>;

export const pictureStateSchema = z.enum(["announced", "stored", "damaged", "deleted"]);
export type PictureState = z.infer<typeof pictureStateSchema>;

/** A picture that people took for a case after the work. */
export const afterPictureSchema = z.object({
  sha256: sha256Schema,
  url: z.string(),
  /** Who sent it: `department:<code>` or `operator:<id>`. */
  actor: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  takenAt: timestampSchema,
  addedAt: timestampSchema,
  /** Round of the case that it belongs to: a reopened case asks for new ones. */
  round: z.number().int().positive(),
  place: z
    .object({ lat: z.number(), lon: z.number(), accuracyM: z.number().optional() })
    .nullable(),
  /** `damaged`: its bytes are missing or wrong. `deleted`: by retention; its hash stays. */
  state: pictureStateSchema,
  /** Since when it is damaged or deleted. */
  goneAt: timestampSchema.nullable(),
});
export type AfterPictureView = z.infer<typeof afterPictureSchema>;

/** Answer to an after-picture: name it in `handle` or `pass` by this hash. */
export const afterPictureAnswerSchema = z.object({
  caseId: caseIdSchema,
  /** Of the picture as it is kept: drawn anew, without anything but the picture. */
  sha256: sha256Schema,
  bytes: z.number().int().positive(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  addedAt: timestampSchema,
  /** True when the same picture had come before. */
  repeated: z.boolean(),
});
export type AfterPictureAnswer = z.infer<typeof afterPictureAnswerSchema>;

/** A hold that nobody ends would keep for ever. */
export const MAX_HOLD_MS = 3 * 366 * 86_400_000;

/** Body of `PUT /v1/cases/{id}/hold`. */
export const placeHoldSchema = z
  .object({ reason: wordsSchema(500), until: timestampSchema })
  .strict();
export type PlaceHold = z.infer<typeof placeHoldSchema>;
/** Body of `POST /v1/cases/{id}/hold/release`. */
export const releaseHoldSchema = z.object({ reason: wordsSchema(500) }).strict();

export const caseHoldSchema = z.object({
  reason: z.string(),
  placedBy: z.string(),
  placedAt: timestampSchema,
  until: timestampSchema,
});
export type CaseHold = z.infer<typeof caseHoldSchema>;
