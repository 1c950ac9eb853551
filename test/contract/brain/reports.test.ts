import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  caseReportsSchema,
  playbookListSchema,
  reportAreasSchema,
  reportReceiptSchema,
  reportStateSchema,
} from "../../../protocol/index.ts";
import {
  type BrainBench,
  eventually,
  getCase,
  getCases,
  getJson,
  sendEvents,
  startBench,
} from "./brain-bench.ts";
import {
  TOWN,
  codeOf,
  freshPlace,
  reportOf,
  send,
  report,
  sendForm,
  stateOf,
  steps,
  caseOf,
  rate,
  closeCase,
} from "./report-bench.ts";
import { sampleEvent } from "./sample-event.ts";

describe("reports to a brain on loopback", () => {
  let bench: BrainBench;
  beforeAll(async () => {
    bench = await startBench({
      endpoints: [],
      config: { town: TOWN },
    });
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  it("makes a case of a resident's report, which the code follows without internals", async () => {
    const receipt = await report(bench, { text: "从居民来", contact: "13800000000" });
    expect(receipt.code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    const state = await steps(bench, receipt.code, "taken-up");
    expect(state.words.zh).toBe("已立案");
    expect(Object.keys(state).sort()).toEqual([
      "changedAt",
      "rateUntil",
      "rating",
      "receivedAt",
      "step",
      "title",
      "words",
    ]);
    const id = await caseOf(bench, "从居民来");
    const detail = await getCase(bench, id);
    expect(detail.timeline[0]).toMatchObject({
      kind: "reported",
      actor: "reporter:resident",
      facts: { channel: "resident" },
    });
    const work = await getJson<{ level: number }>(bench, `/v1/cases/${id}/work`);
    expect(work.level).toBe(0);
    expect(JSON.stringify([detail, await getCases(bench)])).not.toContain("13800000000");
  });

  it("begins an urgent report with the town's centre, as a camera's alarm", async () => {
    await report(bench, { text: "着火", eventType: "FIR.LANE" });
    const id = await caseOf(bench, "着火");
    expect((await getJson<{ level: number }>(bench, `/v1/cases/${id}/work`)).level).toBe(2);
  });

  it("joins what a camera has seen, in either order, and opens no second case", async () => {
    const { items: cases } = await getCases(bench);
    const at = freshPlace();
    const seenAt = Date.now() - 4 * 60_000;
    const event = sampleEvent({ code: "FIR.SMOKE", at: seenAt });
    const location = { ...at, crs: "WGS84" as const };
    Object.assign(event.data, { location, exercise: "actual" });
    await sendEvents(bench, [event]);
    await report(bench, { text: "先有摄像头", eventType: "FIR.SMOKE", place: { ...at } });
    const first = await caseOf(bench, "先有摄像头");
    expect((await getCase(bench, first)).timeline.map(({ actor }) => actor)).toEqual(
      expect.arrayContaining(["node:node-1", "reporter:resident"]),
    );

    const there = freshPlace();
    await report(bench, { text: "先有居民", eventType: "FIR.SMOKE", place: { ...there } });
    const second = await caseOf(bench, "先有居民");
    const later = sampleEvent({ code: "FIR.SMOKE", at: seenAt });
    Object.assign(later.data, { location: { ...there, crs: "WGS84" }, exercise: "actual" });
    await sendEvents(bench, [later]);
    await eventually(
      () => getCase(bench, second),
      ({ timeline }) => timeline.some(({ actor }) => actor === "node:node-1"),
    );
    expect((await getCases(bench)).items.length).toBe(cases.length + 2);
  });

  it("joins reports with the hotline's ticket number wherever they point", async () => {
    const ticket = "12345-2026-118";
    const hotline = { channel: "hotline", eventType: "CIV.HELP", ticket };
    await report(bench, { ...hotline, text: "热线一" });
    await report(bench, { ...hotline, text: "热线二" });
    expect(await caseOf(bench, "热线二")).toBe(await caseOf(bench, "热线一"));
  });

  it("keeps apart what many residents tell at once of different places", async () => {
    const before = (await getCases(bench, "?limit=100")).items.length;
    await Promise.all(
      Array.from({ length: 3 }, (_, index) => report(bench, { text: `不同的地方${index}` })),
    );
    await eventually(
      () => getCases(bench, "?limit=100"),
      ({ items }) => items.length === before + 3,
    );
  });

  it("keeps photos as pictures alone: no place, no camera, no words", async () => {
    const photo = await sharp({
      create: { width: 320, height: 200, channels: 3, background: "#336699" },
    })
      .withExif({ IFD0: { Copyright: "SECRET-OWNER" }, IFD3: { GPSLatitude: "39/1 54/1 0/1" } })
      .jpeg()
      .toBuffer();
    expect(photo.includes("SECRET-OWNER")).toBe(true);
    const png = await sharp(photo).negate().png().toBuffer();
    const body = reportOf({ text: "有照片" });
    const response = await sendForm(bench, body, [new Uint8Array(photo), new Uint8Array(png)]);
    expect(response.status).toBe(200);
    const id = await caseOf(bench, "有照片");
    const { reports } = caseReportsSchema.parse(await getJson(bench, `/v1/cases/${id}/reports`));
    expect(reports[0]?.photos.length).toBe(2);
    for (const sha256 of reports[0]?.photos ?? []) {
      const answer = await fetch(`${bench.url}/v1/evidence/${sha256}?case=${id}`);
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
      expect(bytes.includes("SECRET-OWNER")).toBe(false);
      expect((await sharp(bytes).metadata()).exif).toBeUndefined();
    }
    expect((await getCase(bench, id)).snapshot).not.toBeNull();
  });

  it("gives a repeated report its code again, and refuses the key to another", async () => {
    const key = { "idempotency-key": crypto.randomUUID() };
    const body = reportOf();
    const answers = await Promise.all([1, 2, 3].map(() => send(bench, body, key)));
    const receipts = await Promise.all(
      answers.map(async (answer) => reportReceiptSchema.parse(await answer.json())),
    );
    expect(new Set(receipts.map(({ code }) => code)).size).toBe(1);
    expect(receipts.filter(({ repeated }) => !repeated).length).toBe(1);
    expect(await codeOf(await send(bench, reportOf(), key))).toEqual([422, "KEY_REUSED"]);
  });

  it("finds a place by grid or by its name in the address", async () => {
    const { areas } = reportAreasSchema.parse(await getJson(bench, "/v1/report-areas?q=Plaza"));
    const [grid] = areas;
    await report(bench, { text: "按网格", place: { grid: grid?.code } });
    const named = { address: `${grid?.zh ?? ""} 3 号楼前` };
    await report(bench, { text: "按地址", place: named, eventType: "UM.ROAD" });
    const id = await caseOf(bench, "按地址");
    expect((await getCase(bench, id)).location).toMatchObject({ ...named, gridCode: grid?.code });
  });

  it("says what is wrong with a report", async () => {
    const long = "很".repeat(501);
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const old = new Date(Date.now() - 400 * 86_400_000).toISOString();
    const cases: [Record<string, unknown>, [number, string]][] = [
      [{ text: long }, [422, "EVENT_INVALID"]],
      [{ text: "a\u0000b" }, [422, "EVENT_INVALID"]],
      [{ eventType: "DEV.LOST" }, [422, "EVENT_INVALID"]],
      [{ eventType: "NO.SUCH" }, [422, "EVENT_INVALID"]],
      [{ place: {} }, [422, "EVENT_INVALID"]],
      [{ place: { lat: 39 } }, [422, "EVENT_INVALID"]],
      [{ place: { address: "某处" } }, [422, "EVENT_INVALID"]],
      [{ place: { grid: "999999999999999" } }, [422, "EVENT_INVALID"]],
      [{ seenAt: future }, [422, "EVENT_IN_FUTURE"]],
      [{ seenAt: old }, [422, "EVENT_TOO_OLD"]],
      [{ name: "somebody" }, [422, "EVENT_INVALID"]],
    ];
    for (const [changes, answer] of cases) {
      // The limit per address is not what is tested here.
      const response = await send(bench, reportOf(changes));
      expect(await codeOf(response), JSON.stringify(changes).slice(0, 80)).toEqual(answer);
    }
    const noPicture = new Uint8Array(Buffer.from("MZ not a picture"));
    expect(await codeOf(await sendForm(bench, reportOf(), [noPicture]))).toEqual([
      422,
      "EVIDENCE_MISMATCH",
    ]);
    const cut = new Uint8Array(Buffer.from("ffd8ffe000104a46", "hex"));
    expect(await codeOf(await sendForm(bench, reportOf(), [cut]))).toEqual([
      422,
      "EVIDENCE_MISMATCH",
    ]);
    const four = Array.from({ length: 4 }, () => cut);
    expect(await codeOf(await sendForm(bench, reportOf(), four))).toEqual([400, "BODY_MALFORMED"]);
    const large = new Uint8Array(14 * 1_048_576);
    expect(await codeOf(await sendForm(bench, reportOf(), [large]))).toEqual([
      413,
      "BODY_TOO_LARGE",
    ]);
    expect(await codeOf(await fetch(`${bench.url}/v1/reports/0000-0000-0000`))).toEqual([
      404,
      "NOT_FOUND",
    ]);
  });

  it("opens a contact for a reason, and leaves a trace", async () => {
    await report(bench, { text: "请回电", contact: "13900000001" });
    const id = await caseOf(bench, "请回电");
    const { reports } = caseReportsSchema.parse(await getJson(bench, `/v1/cases/${id}/reports`));
    const one = reports.find(({ text }) => text === "请回电");
    expect(one?.hasContact).toBe(true);
    const answer = await fetch(`${bench.url}/v1/desk/reports/${one?.id ?? ""}/contact`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ reason: "询问具体位置" }),
    });
    expect(await answer.json()).toEqual({ contact: "13900000001" });
    const audit = await getJson(bench, "/v1/audit?action=report.contact").catch(() =>
      getJson(bench, "/v1/audit"),
    );
    expect(JSON.stringify(audit)).toContain("询问具体位置");
    expect(JSON.stringify(audit)).not.toContain("13900000001");
  });

  it("takes one rating of the reporter within seven days after the end, and no other", async () => {
    const { code } = await report(bench, { text: "要评价" });
    const id = await caseOf(bench, "要评价");
    expect(await codeOf(await rate(bench, code, { stars: 5 }))).toEqual([409, "STATE_CONFLICT"]);
    await closeCase(bench, id);
    const closed = await stateOf(bench, code);
    expect([closed.step, closed.rateUntil === null]).toEqual(["closed", false]);
    expect(await codeOf(await rate(bench, code, { stars: 6 }))).toEqual([400, "BODY_MALFORMED"]);
    const rated = await rate(bench, code.toLowerCase().replaceAll("-", ""), {
      stars: 4,
      comment: "很快",
    });
    const state = reportStateSchema.parse(await rated.json());
    expect(state).toMatchObject({ rating: { stars: 4, comment: "很快" }, rateUntil: null });
    expect((await getCase(bench, id)).state).toBe("EVALUATED");
    expect(await codeOf(await rate(bench, code, { stars: 1 }))).toEqual([409, "STATE_CONFLICT"]);
  });

  it("takes a case up again when its reporter says that it is not solved", async () => {
    const { code } = await report(bench, { text: "没解决" });
    const id = await caseOf(bench, "没解决");
    await closeCase(bench, id);
    expect(await codeOf(await rate(bench, code, { stars: 1, reopen: true }))).toEqual([
      400,
      "BODY_MALFORMED",
    ]);
    const answer = await rate(bench, code, { stars: 1, comment: "还在那里", reopen: true });
    expect(reportStateSchema.parse(await answer.json()).step).toBe("taken-up");
    const detail = await getCase(bench, id);
    expect(detail.state).toBe("REOPENED");
    expect(detail.timeline.find(({ kind }) => kind === "reopened")).toMatchObject({
      facts: { reason: "还在那里" },
    });
  });

  it("lists the six joint mechanisms with what came of their cases", async () => {
    const { playbooks } = playbookListSchema.parse(await getJson(bench, "/v1/playbooks"));
    expect(playbooks.map(({ zh }) => zh)).toEqual([
      "矛盾联调",
      "治安联防",
      "重点联动",
      "突出问题联治",
      "服务管理联抓",
      "平安联创",
    ]);
    const focus = playbooks.find(({ mechanism }) => mechanism === "focus-problems");
    expect(focus?.fromPeople).toBeGreaterThan(0);
    // One of them has been rated above.
    expect(focus?.open).toBe((focus?.cases ?? 0) - 1);
  });
});
