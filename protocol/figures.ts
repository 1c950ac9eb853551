/** What `GET /v1/figures` answers: how the control room, its cameras and departments do. */
import { z } from "zod";
import { timestampSchema } from "./time.ts";

const count = z.number().int().nonnegative();
/** 0–1; null where nothing has been judged yet. */
const share = z.number().min(0).max(1).nullable();

/** One clock over many cases. A clock that has neither stopped nor run out is not judged. */
export const clockFigureSchema = z
  .object({
    judged: count,
    late: count,
    inTime: share,
    /** Of those that stopped; null while none has. */
    medianMs: z.number().nullable(),
    p95Ms: z.number().nullable(),
  })
  .strict();
export type ClockFigure = z.infer<typeof clockFigureSchema>;

export const groupFigureSchema = z
  .object({
    /** Grid, department or event type; null for cases that lie in no grid. */
    key: z.string().nullable(),
    cases: count,
    clocks: z
      .object({
        report: clockFigureSchema,
        dispatch: clockFigureSchema,
        contain: clockFigureSchema,
      })
      .strict(),
  })
  .strict();
export type GroupFigure = z.infer<typeof groupFigureSchema>;

export const verdictFigureSchema = z
  .object({
    eventType: z.string(),
    rule: z.string(),
    /** Filed by an operator who had looked. */
    confirmed: count,
    rejected: count,
    /** Filed by the brain itself: nobody's verdict. */
    automatic: count,
    precision: share,
  })
  .strict();

export const departmentFigureSchema = z
  .object({
    department: z.string(),
    /** Tasks to act, not those for information. */
    tasks: count,
    answered: count,
    returned: count,
    responseRate: share,
    medianAnswerMs: z.number().nullable(),
    /** Cases that it led and that were sent out. */
    led: count,
    solved: count,
    solutionRate: share,
    /** Ratings of its closed cases by those who reported them. */
    rated: count,
    satisfied: count,
    satisfactionRate: share,
  })
  .strict();

export const cameraFigureSchema = z
  .object({ camera: z.string(), name: z.string(), alarms: count, perDay: z.number() })
  .strict();

export const figuresSchema = z
  .object({
    from: timestampSchema,
    to: timestampSchema,
    asOf: timestampSchema,
    all: groupFigureSchema,
    grids: z.array(groupFigureSchema),
    departments: z.array(groupFigureSchema),
    types: z.array(groupFigureSchema),
    /** Cases a day, in the town's zone: found by cameras and told by people. */
    days: z.array(z.object({ day: z.string(), machine: count, people: count }).strict()),
    discovery: z.object({ machine: count, people: count, rate: share }).strict(),
    alarms: z
      .object({
        total: count,
        /** Enabled cameras. */
        cameras: count,
        days: z.number().positive(),
        perCameraDay: z.number().nullable(),
        /** The loudest first. */
        byCamera: z.array(cameraFigureSchema),
      })
      .strict(),
    verdicts: z.array(verdictFigureSchema),
    work: z.array(departmentFigureSchema),
  })
  .strict();
export type Figures = z.infer<typeof figuresSchema>;
