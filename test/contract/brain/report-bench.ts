/** Sends reports as people do, and follows them. */
import path from "node:path";
import { expect } from "vitest";
import {
  caseReportsSchema,
  problemSchema,
  type ReportReceipt,
  reportReceiptSchema,
  type ReportState,
  reportStateSchema,
  systemClock,
} from "../../../protocol/index.ts";
import { type BrainBench, eventually, getCase, getCases, getJson } from "./brain-bench.ts";

export const OPERATOR_KEY = "a key for the control room, long enough";
export const TOWN = path.resolve(import.meta.dirname, "../../../demo/town");
export const SIGNED_IN = { authorization: `Bearer ${OPERATOR_KEY}` };

export const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  problemSchema.parse(await response.json()).code,
];

let placed = 0;
/** A place that no other test uses. */
export function freshPlace(): { lat: number; lon: number } {
  placed += 1;
  return { lat: 38 + placed * 0.05, lon: 116.5 };
}

export function reportOf(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    channel: "resident",
    eventType: "UM.GARBAGE",
    text: "垃圾桶满了, 袋子堆在路边",
    place: { ...freshPlace(), accuracyM: 12 },
    ...changes,
  };
}

export function send(
  bench: BrainBench,
  report: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${bench.url}/v1/reports`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(report),
  });
}

export async function report(
  bench: BrainBench,
  changes: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<ReportReceipt> {
  const response = await send(bench, reportOf(changes), headers);
  const body = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  return reportReceiptSchema.parse(body);
}

export function sendForm(
  bench: BrainBench,
  body: Record<string, unknown>,
  photos: readonly Uint8Array<ArrayBuffer>[],
  headers: Record<string, string> = {},
): Promise<Response> {
  const form = new FormData();
  form.set("report", JSON.stringify(body));
  photos.forEach((bytes, index) => form.append("photo", new Blob([bytes]), `${index}.jpg`));
  return fetch(`${bench.url}/v1/reports`, { method: "POST", body: form, headers });
}

export const stateOf = (bench: BrainBench, code: string): Promise<ReportState> =>
  getJson<ReportState>(bench, `/v1/reports/${code}`).then((body) => reportStateSchema.parse(body));

export const steps = (bench: BrainBench, code: string, step: string): Promise<ReportState> =>
  eventually(
    async () => {
      await systemClock.wait(100); // There is a limit on looks.
      return stateOf(bench, code);
    },
    (state) => state.step === step,
    5_000,
  );

export async function caseOf(bench: BrainBench, text: string): Promise<string> {
  const found = await eventually(
    async () => {
      const { items: cases } = await getCases(bench);
      for (const { id } of cases) {
        const { reports } = caseReportsSchema.parse(
          await getJson(bench, `/v1/cases/${id}/reports`),
        );
        if (reports.some((one) => one.text === text)) {
          return id;
        }
      }
      return null;
    },
    (id) => id !== null,
  );
  return found ?? "";
}

export function rate(bench: BrainBench, code: string, body: unknown): Promise<Response> {
  return fetch(`${bench.url}/v1/reports/${code}/rating`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** The whole way of a case, by the control room's hands. */
export async function closeCase(bench: BrainBench, id: string): Promise<void> {
  const ways: [Record<string, unknown>, Record<string, unknown>][] = [
    [
      { kind: "dispatch", means: "telephone" },
      { role: "dispatcher", id: "desk-2" },
    ],
    [{ kind: "accept" }, { role: "department", id: "crew", department: "CG" }],
    [{ kind: "start" }, { role: "department", id: "crew", department: "CG" }],
    [
      { kind: "handle", note: "done" },
      { role: "department", id: "crew", department: "CG" },
    ],
    [{ kind: "check" }, { role: "checker", id: "checker" }],
    [{ kind: "pass" }, { role: "checker", id: "checker" }],
    [{ kind: "close" }, { role: "officer", id: "desk-1" }],
  ];
  for (const [command, as] of ways) {
    const { version } = await getCase(bench, id);
    const answer = await fetch(`${bench.url}/v1/cases/${id}/commands`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
      body: JSON.stringify({ expectedVersion: version, command, as }),
    });
    expect(answer.status, `${JSON.stringify(command)} ${await answer.text()}`).toBe(200);
  }
}
