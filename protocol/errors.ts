/**
 * Errors carry a stable code, and say what was expected, what came and where. `docs/errors.md`
 * lists every code; a test keeps the two equal.
 */
import { z } from "zod";

/** Every code the product can answer with, and the HTTP status it has at the brain's door. */
export const ERROR_CODES = {
  BODY_MALFORMED: 400,
  BODY_TOO_LARGE: 413,
  EVENT_INVALID: 422,
  EVENT_CONFLICT: 409,
  EVENT_TOO_OLD: 422,
  EVENT_IN_FUTURE: 422,
  BATCH_TOO_LARGE: 413,
  SIGNATURE_MISSING: 401,
  SIGNATURE_WRONG: 401,
  NODE_UNKNOWN: 401,
  NODE_MISMATCH: 403,
  CAMERA_UNKNOWN: 422,
  CAMERA_INACTIVE: 422,
  SESSION_REQUIRED: 401,
  SIGN_IN_REFUSED: 401,
  PERMISSION_REFUSED: 403,
  PURPOSE_REFUSED: 403,
  PASSWORD_WEAK: 422,
  ACCOUNT_CONFLICT: 409,
  HOST_REFUSED: 403,
  NOT_FOUND: 404,
  TASK_UNKNOWN: 404,
  TASK_NOT_YOURS: 403,
  STATE_CONFLICT: 409,
  VERSION_STALE: 409,
  ROLE_REFUSED: 403,
  COMMAND_REFUSED: 422,
  KEY_REUSED: 422,
  EVIDENCE_UNKNOWN: 404,
  EVIDENCE_MISMATCH: 422,
  RATE_LIMITED: 429,
  OVERLOADED: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
  CONFIG_INVALID: 500,
  DIRECTORY_INVALID: 422,
  DEPARTMENT_IN_USE: 409,
  PLAN_INVALID: 422,
  NODE_AWAY: 504,
  ORDER_EXPIRED: 410,
  MODEL_MISSING: 500,
  MODEL_INVALID: 500,
  MODEL_DIGEST_WRONG: 500,
  OPERATOR_UNSUPPORTED: 500,
  DECODER_MISSING: 500,
  DECODER_FAILED: 500,
  DECODER_SILENT: 500,
  SOURCE_UNREACHABLE: 500,
  SOURCE_UNREADABLE: 500,
  INFERENCE_FAILED: 500,
  INFERENCE_TIMEOUT: 500,
  OUTBOX_FULL: 500,
  DATABASE_UNAVAILABLE: 503,
  PORT_IN_USE: 500,
  SETUP_FAILED: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetail {
  /** What would have been right. */
  readonly expected?: string;
  /** What came instead; never a secret, never picture data. */
  readonly got?: string;
  /** Where: a field path, a file, a camera, a URL without credentials. */
  readonly where?: string;
  /** What stands now, for a sender whose picture of it is old. */
  readonly current?: {
    readonly version: number;
    readonly state: string;
    /** Who changed it last, by what and when. */
    readonly by: string;
    readonly did: string;
    readonly at: string;
  };
}

/** Base of every error of ours. */
export abstract class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}, cause?: unknown) {
    super(describe(message, detail), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.detail = detail;
  }

  get httpStatus(): number {
    return ERROR_CODES[this.code];
  }
}

/** The same call may succeed later: the handler retries. */
export class TransientError extends AppError {}

/** Trying again changes nothing: stop and say why. */
export class PermanentError extends AppError {}

function describe(message: string, { expected, got, where }: ErrorDetail): string {
  const parts = [message];
  if (where !== undefined) {
    parts.push(`at ${where}`);
  }
  if (expected !== undefined) {
    parts.push(`expected ${expected}`);
  }
  if (got !== undefined) {
    parts.push(`got ${got}`);
  }
  return parts.join("; ");
}

/** The body of every error answer. */
export const problemSchema = z.object({
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  expected: z.string().optional(),
  got: z.string().optional(),
  where: z.string().optional(),
  current: z
    .object({
      version: z.number().int(),
      state: z.string(),
      by: z.string(),
      did: z.string(),
      at: z.string(),
    })
    .optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export function toProblem(error: AppError): Problem {
  return { code: error.code, message: error.message, ...error.detail };
}

/** Turns a schema's complaint into expected, got and where. */
export function fromZodError(
  code: ErrorCode,
  what: string,
  error: z.ZodError,
  root = "",
): PermanentError {
  const issue = error.issues[0];
  const path = [root, ...(issue?.path ?? [])].filter((part) => part !== "").join(".");
  const more = error.issues.length > 1 ? ` (and ${String(error.issues.length - 1)} more)` : "";
  return new PermanentError(
    code,
    `${what} is not valid: ${issue?.message ?? "unknown reason"}${more}`,
    { ...(path === "" ? {} : { where: path }), ...expectation(issue) },
    error,
  );
}

function expectation(issue: z.core.$ZodIssue | undefined): ErrorDetail {
  switch (issue?.code) {
    case "invalid_type":
      return { expected: issue.expected, got: typeof issue.input };
    case "unrecognized_keys":
      return { expected: "only known keys", got: issue.keys.join(", ") };
    case "invalid_value":
      return { expected: `one of ${issue.values.map(String).join(", ")}` };
    default:
      return {};
  }
}
