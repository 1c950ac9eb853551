/** Every error leaves the brain as a problem: a code, a sentence, what was expected and what came. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import {
  AppError,
  type ErrorCode,
  ERROR_CODES,
  PermanentError,
  type Problem,
  TransientError,
  toProblem,
} from "../../protocol/index.ts";
import { isConnectionLoss } from "../store/index.ts";

export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = toAppError(error, request);
    if (known === undefined) {
      request.log.error({ err: error, method: request.method, url: pathOf(request) }, "unexpected");
    }
    sendProblem(reply, known ?? new PermanentError("INTERNAL", "The brain failed; it is logged"));
  });
}

export function sendProblem(reply: FastifyReply, error: AppError): void {
  if (error.code === "UNAVAILABLE" && !reply.hasHeader("retry-after")) {
    void reply.header("retry-after", "2");
  }
  const problem: Problem = toProblem(error);
  // Any route may answer so, whatever its schema says: the text is written here.
  void reply
    .code(ERROR_CODES[error.code])
    .type("application/json; charset=utf-8")
    .serializer((text: string) => text)
    .send(JSON.stringify(problem));
}

export function notFound(request: FastifyRequest): PermanentError {
  return new PermanentError("NOT_FOUND", "There is nothing at this address", {
    where: `${request.method} ${pathOf(request)}`,
    expected: "a path of /openapi.json",
  });
}

/** Undefined for what nobody foresaw. */
function toAppError(error: FastifyError, request: FastifyRequest): AppError | undefined {
  if (error instanceof AppError) {
    return error.code === "DATABASE_UNAVAILABLE" ? unavailable() : error;
  }
  if (isConnectionLoss(error)) {
    return unavailable();
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    return invalidInput(error, request);
  }
  const code = CODE_OF_FASTIFY[error.code];
  if (code !== undefined) {
    return new PermanentError(code, MESSAGE_OF_CODE[code] ?? error.message, {
      where: `${request.method} ${pathOf(request)}`,
    });
  }
  if (error.statusCode === 429) {
    return new TransientError("RATE_LIMITED", "Too many requests; wait and try again");
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new PermanentError("BODY_MALFORMED", "The request cannot be read", {
      where: `${request.method} ${pathOf(request)}`,
      got: error.code,
    });
  }
  return undefined;
}

const CODE_OF_FASTIFY: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "BODY_TOO_LARGE",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "BODY_MALFORMED",
  FST_ERR_CTP_INVALID_JSON_BODY: "BODY_MALFORMED",
  FST_ERR_CTP_EMPTY_JSON_BODY: "BODY_MALFORMED",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "BODY_MALFORMED",
  FST_ERR_NOT_FOUND: "NOT_FOUND",
};

const MESSAGE_OF_CODE: Partial<Record<ErrorCode, string>> = {
  BODY_TOO_LARGE: "The body is larger than this address takes",
  BODY_MALFORMED: "The body or its content type cannot be read",
};

function unavailable(): TransientError {
  return new TransientError("UNAVAILABLE", "The database does not answer; nothing was changed", {
    expected: "the same request again in a few seconds",
  });
}

/** A path that cannot exist is not found; a query or a body that breaks its schema is malformed. */
function invalidInput(
  error: FastifyError & { readonly validationContext?: string | undefined },
  request: FastifyRequest,
): AppError {
  if (error.validationContext === "params") {
    return notFound(request);
  }
  const first = error.validation?.[0];
  return new PermanentError("BODY_MALFORMED", `The request is not valid: ${first?.message ?? ""}`, {
    where: `${error.validationContext ?? "request"}${first?.instancePath ?? ""}`,
  });
}

/** Without the query, which may carry what a log must not. */
function pathOf(request: FastifyRequest): string {
  return (request.url.split("?")[0] ?? "").slice(0, 200);
}
