/** RTSP 1.0 answers. */

export const REASONS = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Request Entity Too Large",
  454: "Session Not Found",
  455: "Method Not Valid in This State",
  461: "Unsupported Transport",
  500: "Internal Server Error",
  501: "Not Implemented",
  505: "RTSP Version Not Supported",
  551: "Option Not Supported",
} as const;

export type RtspStatus = keyof typeof REASONS;

export interface RtspResponse {
  readonly status: RtspStatus;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const SERVER = "Sharp-Eyes-Camera-Server";

/** `cseq` is left out where the request had none that could be read. */
export function encodeResponse(response: RtspResponse, cseq: string | undefined): string {
  const { status, headers = {}, body = "" } = response;
  const lines = [`RTSP/1.0 ${String(status)} ${REASONS[status]}`];
  if (cseq !== undefined) {
    lines.push(`CSeq: ${cseq}`);
  }
  lines.push(`Server: ${SERVER}`);
  for (const [name, value] of Object.entries(headers)) {
    lines.push(`${name}: ${value}`);
  }
  if (body !== "") {
    lines.push(`Content-Length: ${String(Buffer.byteLength(body))}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
