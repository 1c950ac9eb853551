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
export async function readReport({ headers, body }: FastifyRequest): Promise<ReadReport> {
  if (!Buffer.isBuffer(body)) {
    throw malformed("no body", "body");
  }
  const contentType = headers["content-type"] ?? "";
  if (!contentType.startsWith("multipart/form-data")) {
    return { request: parseReport(parseText(body)), photos: [] };
  }
  const form = await parseForm(body, contentType);
  const unknown = [...form.keys()].find((key) => key !== "report" && key !== "photo");
  if (unknown !== undefined) {
    throw malformed(`a field ${unknown.slice(0, 40)}`, "body");
  }
  const report = form.get("report");
  const photos = form.getAll("photo");
  if (report === null) {
    throw malformed("no field report", "report");
  }
  if (photos.length > REPORT_PHOTOS || photos.some((photo) => typeof photo === "string")) {
    throw new PermanentError("BODY_MALFORMED", "The photos cannot be taken", {
      where: "photo",
      expected: `at most ${REPORT_PHOTOS} files`,
      got: photos.length > REPORT_PHOTOS ? `${photos.length} files` : "text",
    });
  }
  const text = typeof report === "string" ? report : await report.text();
  return {
    request: parseReport(text),
    photos: await Promise.all(
      (photos as File[]).map(async (photo) => Buffer.from(await photo.arrayBuffer())),
    ),
  };
}

async function parseForm(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), {
      headers: { "content-type": contentType },
    }).formData();
  } catch {
    throw malformed("multipart that does not parse", "body");
  }
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
