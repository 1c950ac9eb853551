/** The two forms of a report's body: JSON, or multipart with photos. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  fromZodError,
  PermanentError,
  REPORT_BYTES,
  REPORT_PHOTOS,
  type ReportRequest,
  reportRequestSchema,
} from "../../protocol/index.ts";
import { readMultipart } from "./read-multipart.ts";

export interface ReadReport {
  readonly request: ReportRequest;
  readonly photos: readonly Buffer[];
}

/** A report without photos is short. */
const JSON_BYTES = 16_384;

/** Bodies reach the handler as bytes; too long ones are refused by their headers where possible. */
export function parseReportBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  const limits = [
    [/^multipart\/form-data/, REPORT_BYTES],
    [/^application\/json/, JSON_BYTES],
  ] as const;
  for (const [type, bodyLimit] of limits) {
    scope.addContentTypeParser(type, { parseAs: "buffer", bodyLimit }, (_request, body, done) => {
      done(null, body);
    });
  }
}

/** @throws PermanentError BODY_MALFORMED or EVENT_INVALID */
export function readReport({ headers, body }: FastifyRequest): ReadReport {
  if (!Buffer.isBuffer(body)) {
    throw malformed("no body", "body");
  }
  const contentType = headers["content-type"] ?? "";
  if (!contentType.startsWith("multipart/form-data")) {
    return { request: parseReport(parseText(body)), photos: [] };
  }
  const parts = readMultipart(body, contentType, REPORT_PHOTOS + 2);
  if (parts === undefined) {
    throw malformed("multipart that does not parse, or too many parts", "body");
  }
  const unknown = parts.find(({ name }) => name !== "report" && name !== "photo");
  if (unknown !== undefined) {
    throw malformed(`a field ${unknown.name.slice(0, 40)}`, "body");
  }
  const [report, ...more] = parts.filter(({ name }) => name === "report");
  if (report === undefined || more.length > 0) {
    throw malformed(`${more.length === 0 ? "no" : "more than one"} field report`, "report");
  }
  const photos = parts.filter(({ name }) => name === "photo");
  if (photos.length > REPORT_PHOTOS || photos.some(({ isFile }) => !isFile)) {
    throw new PermanentError("BODY_MALFORMED", "The photos cannot be taken", {
      where: "photo",
      expected: `at most ${REPORT_PHOTOS} files`,
      got: photos.length > REPORT_PHOTOS ? `${photos.length} files` : "text",
    });
  }
  return {
    request: parseReport(parseText(report.bytes)),
    photos: photos.map(({ bytes }) => bytes),
  };
}

function parseText(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw malformed("bytes that are not UTF-8", "body");
  }
}

function parseReport(text: string): ReportRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("text that is not JSON", "report");
  }
  const parsed = reportRequestSchema.safeParse(value);
  if (!parsed.success) {
    throw fromZodError("EVENT_INVALID", "The report", parsed.error);
  }
  return parsed.data;
}

function malformed(got: string, where: string): PermanentError {
  return new PermanentError("BODY_MALFORMED", "The report cannot be read", {
    where,
    expected: "JSON, or multipart/form-data with the fields report (JSON) and photo (files)",
    got,
  });
}
