/** A task as the brain sends it, signed, and a department's surroundings. */
import { Webhook } from "standardwebhooks";

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
export const OTHER_SECRET = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
export const DELIVERY_ID = "0198c0de-0000-7000-8000-000000000001";
export const ACKNOWLEDGE_URL =
  "http://127.0.0.1:8080/v1/tasks/0198c0de-0000-7000-8000-0000000000aa/acknowledgement";

export function task(changes: Readonly<Record<string, unknown>> = {}): object {
  return {
    type: "task.dispatched",
    version: 1,
    timestamp: "2026-11-24T05:00:00.000Z",
    data: {
      taskId: "0198c0de-0000-7000-8000-0000000000aa",
      caseId: "0198c0de-0000-7000-8000-0000000000bb",
      caseNumber: "20261124-000001",
      department: "GA",
      role: "lead",
      eventType: "SEC.INTRUDE",
      title: { zh: "区域入侵", en: "Zone intrusion" },
      line: "B6",
      severity: 3,
      serviceLevel: "S1",
      onset: "2026-11-24T04:59:59.000Z",
      captureTime: "2026-11-24T04:59:59.500Z",
      reportedAt: "2026-11-24T04:59:59.700Z",
      containBy: "2026-11-24T08:00:00.000Z",
      location: { lat: 39.9, lon: 116.4, crs: "WGS84" },
      camera: { id: "demo-plaza", name: "Demonstration plaza" },
      evidence: [],
      acknowledgeUrl: ACKNOWLEDGE_URL,
      ...changes,
    },
  };
}

/** Headers of a signed body. The library that checks them reads the real clock, so now is real. */
export function signed(
  body: string,
  { id = DELIVERY_ID, secret = SECRET, at = new Date() } = {},
): Record<string, string> {
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, at, body),
  };
}
