/** Pictures of the work done: sent by a department's system and from the control room. */
import { createHash, randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AfterPictureAnswer, type Problem, systemClock } from "../../../protocol/index.ts";
import {
  type BrainBench,
  eventually,
  getCase,
  newSecret,
  sendEvents,
  signedHeaders,
  startBench,
} from "./brain-bench.ts";
import { post, postSigned } from "./casework-bench.ts";
import { type Department, startDepartment } from "./department.ts";
import { sampleEvent } from "./sample-event.ts";

const secrets = { GA: newSecret(), XF: newSecret() };
let police: Department;
let bench: BrainBench;

beforeAll(async () => {
  police = await startDepartment(secrets.GA);
  bench = await startBench({
    endpoints: [
      { department: "GA", url: police.url, secret: secrets.GA },
      { department: "XF", url: police.url, secret: secrets.XF },
    ],
  });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await police.close();
});

/** A photo with a place in its EXIF data, another one each time. */
function photo(): Promise<Buffer> {
  const [r = 0, g = 0, b = 0] = createHash("sha256").update(randomUUID()).digest();
  return sharp({ create: { width: 640, height: 480, channels: 3, background: { r, g, b } } })
    .withExif({ IFD0: { Make: "phone-of-somebody" }, IFD3: { GPSLatitudeRef: "N" } })
    .jpeg()
    .toBuffer();
}

interface Held {
  readonly caseId: string;
  readonly taskId: string;
}

async function heldCase(evidence: { sha256: string; bytes: number }[] = []): Promise<Held> {
  const next = police.received.length + 1;
  await sendEvents(bench, [sampleEvent({ evidence })]);
  const { caseId, taskId } = (await police.nth(next)).message.data;
  await eventually(
    () => getCase(bench, caseId),
    ({ state }) => state === "DISPATCHED",
  );
  return { caseId, taskId };
}

const asPolice = (taskId: string, command: object) =>
  postSigned(
    bench,
    { sender: "GA", secret: secrets.GA, clock: systemClock },
    `/v1/tasks/${taskId}/commands`,
    { command, unit: "crew 7" },
  );

async function workingCase(evidence?: { sha256: string; bytes: number }[]): Promise<Held> {
  const held = await heldCase(evidence);
  for (const kind of ["accept", "start"]) {
    expect(await asPolice(held.taskId, { kind })).toMatchObject({ status: 200 });
  }
  return held;
}

interface Sent {
  readonly status: number;
  readonly body: AfterPictureAnswer & Problem;
}

async function answerOf(response: Response): Promise<Sent> {
  return { status: response.status, body: (await response.json()) as Sent["body"] };
}

interface Signing {
  readonly sender?: "GA" | "XF";
  readonly query?: string;
  readonly sha256?: string;
}

async function sendSigned(
  taskId: string,
  bytes: Buffer,
  { sender = "GA", query = "", sha256 }: Signing = {},
): Promise<Sent> {
  const hash = sha256 ?? createHash("sha256").update(bytes).digest("hex");
  return answerOf(
    await fetch(`${bench.url}/v1/tasks/${taskId}/evidence?sha256=${hash}${query}`, {
      method: "POST",
      body: bytes,
      headers: {
        "content-type": "image/jpeg",
        ...signedHeaders(hash, { sender, secret: secrets[sender] }),
      },
    }),
  );
}

async function sendHere(caseId: string, bytes: Buffer | string, type = "image/jpeg") {
  return answerOf(
    await fetch(`${bench.url}/v1/cases/${caseId}/evidence`, {
      method: "POST",
      body: bytes,
      headers: { "content-type": type },
    }),
  );
}

async function command(caseId: string, order: object, as?: object) {
  const { version } = await getCase(bench, caseId);
  const body = { expectedVersion: version, command: order, ...(as === undefined ? {} : { as }) };
  return post(bench, `/v1/cases/${caseId}/commands`, body);
}

const fileOf = (sha256: string): string =>
  path.join(bench.config.evidence.dir, sha256.slice(0, 2), sha256);
const checker = { role: "checker", id: "checker-1" };
const officer = { role: "officer", id: "officer-1" };

describe("a picture of the work", () => {
  it("is sent by the department, named in its report, seen by the checker, and closes", async () => {
    const { caseId, taskId } = await workingCase();
    const bytes = await photo();
    expect(bytes.includes("phone-of-somebody")).toBe(true);
    const query = "&takenAt=2026-01-02T03:04:05Z&lat=39.8&lon=116.5&accuracyM=12";
    const sent = await sendSigned(taskId, bytes, { query });
    expect(sent).toMatchObject({
      status: 200,
      body: { caseId, width: 640, height: 480, repeated: false },
    });
    const { sha256 } = sent.body;
    const kept = await readFile(fileOf(sha256));
    expect(createHash("sha256").update(kept).digest("hex")).toBe(sha256);
    expect(kept.includes("phone-of-somebody")).toBe(false);
    const handled = await asPolice(taskId, { kind: "handle", evidence: [sha256] });
    expect(handled).toMatchObject({ status: 200, body: { state: "HANDLED" } });
    const detail = await getCase(bench, caseId);
    expect(detail.afterPictures).toMatchObject([
      {
        ...{ sha256, actor: "department:GA", round: 1, state: "stored", goneAt: null },
        takenAt: "2026-01-02T03:04:05.000Z",
        place: { lat: 39.8, lon: 116.5, accuracyM: 12 },
      },
    ]);
    const shown = await fetch(`${bench.url}${detail.afterPictures[0]?.url ?? ""}`);
    expect(Buffer.from(await shown.arrayBuffer()).equals(kept)).toBe(true);
    for (const [order, as] of [
      [{ kind: "check" }, checker],
      [{ kind: "pass" }, checker],
      [{ kind: "close" }, officer],
    ] as const) {
      expect(await command(caseId, order, as)).toMatchObject({ status: 200 });
    }
    expect((await sendSigned(taskId, await photo())).body.code).toBe("STATE_CONFLICT");
  });

  it("gets the same answer when it is sent again, and is there once", async () => {
    const { caseId } = await workingCase();
    const bytes = await photo();
    const first = await sendHere(caseId, bytes);
    const again = await Promise.all([sendHere(caseId, bytes), sendHere(caseId, bytes)]);
    for (const { body } of again) {
      expect(body).toEqual({ ...first.body, repeated: true });
    }
    const { afterPictures, version } = await getCase(bench, caseId);
    expect(afterPictures).toHaveLength(1);
    await sendHere(caseId, bytes);
    expect((await getCase(bench, caseId)).version).toBe(version);
  });

  it("does not make a command stale", async () => {
    const { caseId } = await workingCase();
    const { version } = await getCase(bench, caseId);
    await sendHere(caseId, await photo());
    const order = { expectedVersion: version, command: { kind: "escalate", reason: "big" } };
    expect(await post(bench, `/v1/cases/${caseId}/commands`, order)).toMatchObject({ status: 200 });
  });

  it("is judged by its bytes, not by its name, and has bounds", async () => {
    const { caseId, taskId } = await workingCase();
    const text = await sendHere(caseId, "<svg onload=alert(1)>");
    expect(text).toMatchObject({ status: 422, body: { code: "EVIDENCE_MISMATCH" } });
    const cut = (await photo()).subarray(0, 900);
    expect((await sendHere(caseId, cut)).body.code).toBe("EVIDENCE_MISMATCH");
    const bomb = await sharp({
      create: { width: 12_000, height: 12_000, channels: 3, background: "#000000" },
    })
      .png({ compressionLevel: 9 })
      .toBuffer();
    expect(bomb.length).toBeLessThan(1_000_000);
    expect((await sendHere(caseId, bomb, "image/png")).body.code).toBe("EVIDENCE_MISMATCH");
    const large = Buffer.alloc(4 * 1_048_576 + 1, 0xff);
    expect(await sendHere(caseId, large)).toMatchObject({
      status: 413,
      body: { code: "BODY_TOO_LARGE" },
    });
    expect((await sendHere(caseId, "{}", "application/json")).body.code).toBe("BODY_MALFORMED");
    const other = createHash("sha256").update("other").digest("hex");
    const wrong = await sendSigned(taskId, await photo(), { sha256: other });
    expect(wrong.body.code).toBe("EVIDENCE_MISMATCH");
    expect((await getCase(bench, caseId)).afterPictures).toEqual([]);
  }, 20_000);

  it("comes only from who has the task, and while the task is worked on", async () => {
    const held = await heldCase();
    expect((await sendSigned(held.taskId, await photo())).body.code).toBe("STATE_CONFLICT");
    const { taskId } = await workingCase();
    const stranger = await sendSigned(taskId, await photo(), { sender: "XF" });
    expect(stranger.body.code).toBe("TASK_NOT_YOURS");
    const unknown = await sendHere(randomUUID(), await photo());
    expect(unknown.body.code).toBe("NOT_FOUND");
  });

  it("counts for its own case and round alone; the alarm's picture shows no work", async () => {
    const before = await photo();
    const hash = createHash("sha256").update(before).digest("hex");
    const { taskId } = await workingCase([{ sha256: hash, bytes: before.length }]);
    await fetch(`${bench.url}/v1/evidence/${hash}`, {
      method: "PUT",
      body: before,
      headers: {
        "content-type": "image/jpeg",
        ...signedHeaders(hash, { sender: "node-1", secret: bench.nodeSecret }),
      },
    });
    const other = await sendHere((await workingCase()).caseId, await photo());
    for (const sha256 of [hash, other.body.sha256, "0".repeat(64)]) {
      const refused = await asPolice(taskId, { kind: "handle", evidence: [sha256] });
      expect(refused).toMatchObject({ status: 404, body: { code: "EVIDENCE_UNKNOWN" } });
    }
  });

  it("must still be there when its case is closed", async () => {
    const { caseId, taskId } = await workingCase();
    const { sha256 } = (await sendSigned(taskId, await photo())).body;
    await asPolice(taskId, { kind: "handle", evidence: [sha256] });
    await command(caseId, { kind: "check" }, checker);
    await command(caseId, { kind: "pass" }, checker);
    const kept = await readFile(fileOf(sha256));
    await rm(fileOf(sha256));
    const refused = await command(caseId, { kind: "close" }, officer);
    expect(refused).toMatchObject({ status: 404, body: { code: "EVIDENCE_UNKNOWN" } });
    // The same picture, sent again, heals it.
    const { body } = await sendHere(caseId, kept);
    expect(body.code).toBeUndefined();
  });
});

describe("a hold", () => {
  it("is placed with a reason and an end, shown, and ended", async () => {
    const { caseId } = await heldCase();
    const put = (body: object): Promise<Response> =>
      fetch(`${bench.url}/v1/cases/${caseId}/hold`, {
        method: "PUT",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      });
    const past = { reason: "court", until: new Date(Date.now() - 1_000).toISOString() };
    expect((await answerOf(await put(past))).body.code).toBe("COMMAND_REFUSED");
    const until = new Date(Date.now() + 86_400_000).toISOString();
    expect((await put({ reason: "court 17/2026", until })).status).toBe(200);
    expect((await getCase(bench, caseId)).hold).toMatchObject({ reason: "court 17/2026", until });
    const end = (): Promise<unknown> =>
      post(bench, `/v1/cases/${caseId}/hold/release`, { reason: "settled" });
    expect(await end()).toMatchObject({ status: 200, body: { released: true } });
    expect(await end()).toMatchObject({ body: { released: false } });
    expect((await getCase(bench, caseId)).hold).toBeNull();
  });

  it("ends when its case is closed, and a closed case may be held anew", async () => {
    const { caseId, taskId } = await workingCase();
    const hold = async (): Promise<void> => {
      const until = new Date(Date.now() + 86_400_000).toISOString();
      const answer = await fetch(`${bench.url}/v1/cases/${caseId}/hold`, {
        method: "PUT",
        body: JSON.stringify({ reason: "court 18/2026", until }),
        headers: { "content-type": "application/json" },
      });
      expect(answer.status).toBe(200);
    };
    await hold();
    const { sha256 } = (await sendSigned(taskId, await photo())).body;
    await asPolice(taskId, { kind: "handle", evidence: [sha256] });
    await command(caseId, { kind: "check" }, checker);
    await command(caseId, { kind: "pass" }, checker);
    expect((await getCase(bench, caseId)).hold).not.toBeNull();
    expect(await command(caseId, { kind: "close" }, officer)).toMatchObject({ status: 200 });
    expect((await getCase(bench, caseId)).hold).toBeNull();
    const audit = await fetch(`${bench.url}/v1/audit?subject=case:${caseId}`);
    expect(((await audit.json()) as { items: object[] }).items).toContainEqual(
      expect.objectContaining({
        action: "case.hold",
        facts: { command: "release", reason: "the case is closed" },
      }),
    );
    await hold();
    expect((await getCase(bench, caseId)).hold).not.toBeNull();
  });
});
