/** The two ways in which the database cannot be had: for now, and until a person does something. */
import { type ErrorDetail, PermanentError, TransientError } from "../../protocol/index.ts";

export function unavailableForNow(
  message: string,
  detail: ErrorDetail,
  cause?: unknown,
): TransientError {
  return new TransientError("DATABASE_UNAVAILABLE", message, detail, cause);
}

export function unavailableForGood(
  message: string,
  detail: ErrorDetail,
  cause?: unknown,
): PermanentError {
  return new PermanentError("DATABASE_UNAVAILABLE", message, detail, cause);
}

/** What an unknown thrown value says of itself; a system code (ENOSPC) before prose. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) {
    const { code } = error as NodeJS.ErrnoException;
    const text = error.message === "" ? error.name : error.message;
    return typeof code === "string" && !text.includes(code) ? `${code}: ${text}` : text;
  }
  return String(error);
}
