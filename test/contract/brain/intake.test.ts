import { createHash } from "node:crypto";
import pg from "pg";
import { uuidv7 } from "uuidv7";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  EVENT_BATCH_BYTES,
  EVENT_CONTENT_TYPE,
  type IncidentEvent,
  type IntakeAnswer,
  problemSchema,
} from "../../../protocol/index.ts";
import {
  type BrainBench,
  eventually,
  getCase,
  getCases,
  getJson,
  newSecret,
  postEvents,
  sendEvents,
  signedHeaders,
  startBench,
} from "./brain-bench.ts";
import { sampleEvent } from "./sample-event.ts";

const HOUR_MS = 3_600_000;

describe("intake", () => {
  let bench: BrainBench;
  let pool: pg.Pool;

  beforeAll(async () => {
    bench = await startBench({ endpoints: [] });
    pool = new pg.Pool({ connectionString: bench.postgres.connectionString, max: 2 });
  });
  afterAll(async () => {
    await pool.end();
    await bench[Symbol.asyncDispose]();
  });

  const codeOf = async (response: Response): Promise<[number, string]> => {
    const problem = problemSchema.parse(await response.json());
    return [response.status, problem.code];
  };
  const outcomes = ({ results }: IntakeAnswer): (string | undefined)[] =>
    results.map(({ outcome, problem }) => problem?.code ?? outcome);
  const countOf = async (id: string): Promise<number> => {
    const { rows } = await pool.query("select count(*)::int as n from event where id = $1", [id]);
    return (rows[0] as { n: number }).n;
  };

  it("accepts an event once, however often it is sent, alone or twice in a batch", async () => {
    const event = sampleEvent();
    expect(outcomes(await sendEvents(bench, [event, event]))).toEqual(["accepted", "duplicate"]);
    expect(outcomes(await sendEvents(bench, [event]))).toEqual(["duplicate"]);
    expect(await countOf(event.id)).toBe(1);
  });

  it("knows an event again whatever the order of its keys and the case of its id", async () => {
    const event = sampleEvent();
    await sendEvents(bench, [event]);
    const reversed = Object.fromEntries(Object.entries(event).reverse());
    expect(outcomes(await sendEvents(bench, [reversed]))).toEqual(["duplicate"]);
    const upper = { ...event, id: event.id.toUpperCase() };
    expect(outcomes(await sendEvents(bench, [upper]))).toEqual(["EVENT_CONFLICT"]);
  });

  it("refuses another body under a known id and keeps it visible", async () => {
    const event = sampleEvent();
    const changed = structuredClone(event);
    changed.data.title.en = "Something else";
    await sendEvents(bench, [event]);
    const answer = await sendEvents(bench, [changed, sampleEvent()]);
    expect(outcomes(answer)).toEqual(["EVENT_CONFLICT", "accepted"]);
    const { items } = await getJson<{ items: { eventId: string; body: string }[] }>(
      bench,
      "/v1/quarantine?limit=10",
    );
    const kept = items.filter(({ eventId }) => eventId === event.id);
    expect(kept).toHaveLength(1);
    expect(kept[0]?.body).toContain("Something else");
  });

  it("judges every event by itself, so that one bad event never rejects its neighbours", async () => {
    const good = [sampleEvent(), sampleEvent({ cameraId: "cam-2" })];
    const withNul = structuredClone(sampleEvent());
    withNul.data.title.en = "a\u0000b";
    const withLoneSurrogate = structuredClone(sampleEvent());
    withLoneSurrogate.data.title.zh = "\ud800";
    const deep = JSON.parse(`${"[".repeat(2_000)}${"]".repeat(2_000)}`) as unknown;
    const huge = structuredClone(sampleEvent()) as IncidentEvent & { padding?: string };
    huge.padding = "x".repeat(25_000);
    const hugeNumbers = structuredClone(
      sampleEvent({ evidence: [{ sha256: "a".repeat(64), bytes: Number.MAX_SAFE_INTEGER }] }),
    );
    const batch = [
      good[0],
      null,
      42,
      "text",
      [],
      {},
      deep,
      { ...sampleEvent(), specversion: "0.3" },
      { ...sampleEvent(), unknown: 1 },
      { ...sampleEvent(), type: "cn.sharpeyes.event.NO.SUCH.new.v1" },
      withNul,
      withLoneSurrogate,
      huge,
      sampleEvent({ nodeId: "node-2" }),
      sampleEvent({ cameraId: "cam-9" }),
      sampleEvent({ at: Date.now() - 8 * 24 * HOUR_MS }),
      sampleEvent({ at: Date.now() + HOUR_MS }),
      hugeNumbers,
      good[1],
    ];
    const answer = await sendEvents(bench, batch);
    expect(outcomes(answer)).toEqual([
      "accepted",
      ...Array<string>(6).fill("EVENT_INVALID"),
      ...Array<string>(5).fill("EVENT_INVALID"),
      "BODY_TOO_LARGE",
      "NODE_MISMATCH",
      "CAMERA_UNKNOWN",
      "EVENT_TOO_OLD",
      "EVENT_IN_FUTURE",
      "accepted",
      "accepted",
    ]);
    const problem = answer.results[8]?.problem;
    expect(problem).toMatchObject({ where: "events[8]", got: "unknown" });
    expect(answer.results[14]?.problem?.expected).toContain("node-1");
  });

  it("takes a single event by its own content type", async () => {
    const body = JSON.stringify(sampleEvent());
    const response = await fetch(`${bench.url}/v1/events`, {
      method: "POST",
      body,
      headers: {
        "content-type": EVENT_CONTENT_TYPE,
        ...signedHeaders(body, { sender: "node-1", secret: bench.nodeSecret }),
      },
    });
    expect(outcomes((await response.json()) as IntakeAnswer)).toEqual(["accepted"]);
  });

  it("answers each malformed request with its own problem", async () => {
    const event = sampleEvent();
    const body = JSON.stringify([event]);
    const sign = { sender: "node-1", secret: bench.nodeSecret };
    const post = (text: string | Buffer, headers: Record<string, string>): Promise<Response> =>
      fetch(`${bench.url}/v1/events`, {
        method: "POST",
        body: text,
        headers: { "content-type": "application/cloudevents-batch+json", ...headers },
      });
    const signed = (text: string | Buffer, type?: string): Promise<Response> =>
      post(text, {
        ...signedHeaders(text, sign),
        ...(type === undefined ? {} : { "content-type": type }),
      });
    expect(await codeOf(await post(body, {}))).toEqual([401, "SIGNATURE_MISSING"]);
    const stranger = signedHeaders(body, { sender: "node-9", secret: bench.nodeSecret });
    expect(await codeOf(await post(body, stranger))).toEqual([401, "NODE_UNKNOWN"]);
    const forged = signedHeaders(body, { sender: "node-1", secret: newSecret() });
    expect(await codeOf(await post(body, forged))).toEqual([401, "SIGNATURE_WRONG"]);
    const altered = signedHeaders(`${body} `, sign);
    expect(await codeOf(await post(body, altered))).toEqual([401, "SIGNATURE_WRONG"]);
    for (const at of [Date.now() - 400_000, Date.now() + 400_000]) {
      const stale = signedHeaders(body, { ...sign, at });
      expect(await codeOf(await post(body, stale))).toEqual([401, "SIGNATURE_WRONG"]);
    }
    expect(await codeOf(await signed("{nonsense"))).toEqual([400, "BODY_MALFORMED"]);
    expect(await codeOf(await signed("{}"))).toEqual([400, "BODY_MALFORMED"]);
    expect(await codeOf(await signed("[]"))).toEqual([400, "BODY_MALFORMED"]);
    expect(await codeOf(await signed(body, "application/json"))).toEqual([400, "BODY_MALFORMED"]);
    const crowd = JSON.stringify(Array.from({ length: 201 }, () => 1));
    expect(await codeOf(await signed(crowd))).toEqual([413, "BATCH_TOO_LARGE"]);
    const flood = "x".repeat(EVENT_BATCH_BYTES + 1);
    expect(await codeOf(await signed(flood))).toEqual([413, "BODY_TOO_LARGE"]);
    expect(await countOf(event.id)).toBe(0);
  });

  it("keeps one incident per alarm, whatever phase comes first", async () => {
    const alarmId = uuidv7();
    const at = Date.now();
    const phase = (name: "new" | "update" | "end", sequence: number): IncidentEvent =>
      sampleEvent({ alarmId, phase: name, sequence, at });
    await sendEvents(bench, [phase("end", 3)]);
    await sendEvents(bench, [phase("new", 1), phase("update", 2)]);
    const mine = await eventually(
      async () => (await getCases(bench, "?limit=200")).items,
      (items) => items.some((item) => item.eventCount === 3),
    );
    const found = mine.filter((item) => item.eventCount === 3);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ phase: "end", state: "FILED" });
    const detail = await getCase(bench, found[0]?.id as string);
    expect(detail.events.map((event) => event.phase)).toEqual(["new", "update", "end"]);
    expect(detail.timeline.map(({ kind }) => kind)).toEqual([
      "reported",
      "ended",
      "filed",
      "updated",
      "updated",
    ]);
  });

  it("never dispatches an alarm that was cancelled before it was known", async () => {
    const event = sampleEvent({ phase: "cancel" });
    await sendEvents(bench, [event]);
    const { items } = await eventually(
      () => getCases(bench, "?state=REJECTED"),
      (list) => list.items.length === 1,
    );
    const detail = await getCase(bench, items[0]?.id as string);
    expect(detail.tasks).toEqual([]);
    expect(detail.phase).toBe("cancel");
  });

  it("pages through all cases without gap or double", async () => {
    await sendEvents(
      bench,
      Array.from({ length: 25 }, () => sampleEvent()),
    );
    await eventually(
      () => pool.query<{ n: number }>("select count(*)::int as n from inbox"),
      ({ rows }) => rows[0]?.n === 0,
    );
    const { rows } = await pool.query<{ n: number }>("select count(*)::int as n from case_file");
    const seen: string[] = [];
    let before = "";
    do {
      const page = await getCases(bench, `?limit=7${before}`);
      seen.push(...page.items.map(({ id }) => id));
      before = page.next === null ? "" : `&before=${page.next}`;
    } while (before !== "");
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(rows[0]?.n as number);
  });
});

describe("evidence", () => {
  let bench: BrainBench;
  const picture = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(500, 7)]);
  const sha256 = createHash("sha256").update(picture).digest("hex");

  beforeAll(async () => {
    bench = await startBench({ endpoints: [], config: { intake: { maxInbox: 5 } } });
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  const put = (bytes: Buffer, hash: string, secret = bench.nodeSecret): Promise<Response> =>
    fetch(`${bench.url}/v1/evidence/${hash}`, {
      method: "PUT",
      body: bytes,
      headers: {
        "content-type": "image/jpeg",
        ...signedHeaders(hash, { sender: "node-1", secret }),
      },
    });
  const codeOf = async (response: Response): Promise<string> =>
    problemSchema.parse(await response.json()).code;

  it("takes announced pictures only, checks their bytes, and shows them with a trace", async () => {
    expect(await codeOf(await put(picture, sha256))).toBe("EVIDENCE_UNKNOWN");
    const event = sampleEvent({ evidence: [{ sha256, bytes: picture.length }] });
    await sendEvents(bench, [event]);
    const [item] = (
      await eventually(
        () => getCases(bench),
        (list) => list.items.length === 1,
      )
    ).items;
    expect(item?.snapshot).toMatchObject({ sha256, available: false });
    expect((await fetch(`${bench.url}/v1/evidence/${sha256}`)).status).toBe(404);
    expect(await codeOf(await put(picture, sha256, newSecret()))).toBe("SIGNATURE_WRONG");
    expect(await codeOf(await put(Buffer.from("other"), sha256))).toBe("EVIDENCE_MISMATCH");
    expect(await (await put(picture, sha256)).json()).toEqual({ sha256, repeated: false });
    expect(await (await put(picture, sha256)).json()).toEqual({ sha256, repeated: true });
    expect(await codeOf(await fetch(`${bench.url}/v1/evidence/${sha256}`))).toBe("PURPOSE_REFUSED");
    const address = `${bench.url}${item?.snapshot?.url ?? ""}`;
    const shown = await fetch(address);
    expect(shown.headers.get("content-type")).toBe("image/jpeg");
    expect(shown.headers.get("cache-control")).toContain("immutable");
    expect(Buffer.from(await shown.arrayBuffer()).equals(picture)).toBe(true);
    const etag = shown.headers.get("etag") as string;
    const cached = await fetch(address, {
      headers: { "if-none-match": etag },
    });
    expect(cached.status).toBe(304);
    const detail = await getCase(bench, item?.id as string);
    expect(detail.snapshot?.available).toBe(true);
    expect(detail.timeline.map(({ kind }) => kind)).toContain("evidence");
    const pool = new pg.Pool({ connectionString: bench.postgres.connectionString, max: 1 });
    const { rows } = await pool.query("select action, outcome, purpose from audit order by id");
    await pool.end();
    expect(rows).toEqual([
      { action: "evidence.view", outcome: "refused", purpose: null },
      { action: "evidence.view", outcome: "done", purpose: "case-handling" },
      { action: "evidence.view", outcome: "done", purpose: "case-handling" },
      { action: "case.view", outcome: "done", purpose: "case-handling" },
    ]);
  });

  it("refuses bytes that are no picture, even under their true hash", async () => {
    const text = Buffer.from("<script>alert(1)</script>");
    const hash = createHash("sha256").update(text).digest("hex");
    await sendEvents(bench, [sampleEvent({ evidence: [{ sha256: hash, bytes: text.length }] })]);
    expect(await codeOf(await put(text, hash))).toBe("EVIDENCE_MISMATCH");
  });

  it("asks to come again when too many events wait", async () => {
    const response = await postEvents(
      bench,
      Array.from({ length: 6 }, () => sampleEvent()),
    );
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await codeOf(response)).toBe("OVERLOADED");
  });
});

describe("heartbeat", () => {
  it("shows the node with the skew of its clock, and refuses another node's name", async () => {
    await using bench = await startBench({ endpoints: [] });
    const beat = (nodeId: string): Promise<Response> => {
      const body = JSON.stringify({
        nodeId,
        sentAt: new Date(Date.now() + 2_000).toISOString(),
        startedAt: new Date().toISOString(),
        version: "1",
        model: "nanodet",
        provider: "cpu",
        outboxDepth: 3,
        cameras: [],
      });
      return fetch(`${bench.url}/v1/heartbeat`, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          ...signedHeaders(body, { sender: "node-1", secret: bench.nodeSecret }),
        },
      });
    };
    expect((await beat("node-1")).status).toBe(200);
    expect((await beat("node-2")).status).toBe(403);
    const health = await getJson<{ nodes: { state: string; skewMs: number }[] }>(
      bench,
      "/v1/health",
    );
    expect(health.nodes[0]).toMatchObject({ state: "up", outboxDepth: 3 });
    expect(health.nodes[0]?.skewMs).toBeGreaterThan(1_000);
  });
});
