/** Plans: from the control room to the node and back, with a real database. */
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type AnalysisSwitched,
  type CameraDetail,
  type CameraItems,
  type Problem,
  ruleIdSchema,
  type RuleKinds,
} from "../../../protocol/index.ts";
import { type AccountsBench, type Person, startAccountsBench } from "./accounts-bench.ts";
import { eventually } from "./brain-bench.ts";
import { type FakeNode, fakeNode, sceneOf, stateOf, ZONE_RULE } from "./node-bench.ts";
import { TOWN } from "./report-bench.ts";

const CAMERA = "/v1/cameras/node-1/cam-1";
const YARD = ruleIdSchema.parse("yard");
let bench: AccountsBench;
let node: FakeNode;
let boss: Person;
let looker: Person;

beforeAll(async () => {
  bench = await startAccountsBench();
  node = fakeNode({ url: bench.brain.url, secret: bench.brain.nodeSecret });
  boss = await bench.person("boss", { roles: ["supervisor"] });
  looker = await bench.person("looker", { roles: ["operator"] });
}, 90_000);
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

const call = (method: string, address: string, body?: unknown, as = boss): Promise<Response> =>
  bench.request(method, address, { as, body });

async function ask<T>(method: string, address: string, body?: unknown, as = boss): Promise<T> {
  const response = await call(method, address, body, as);
  const text = await response.text();
  expect(response.status, `${method} ${address}: ${text}`).toBe(200);
  return JSON.parse(text) as T;
}

async function problemOf(response: Response): Promise<Problem> {
  return { ...((await response.json()) as Problem) };
}

const detail = (): Promise<CameraDetail> => ask("GET", CAMERA);

function planOf(base: CameraDetail, changes: object = {}): object {
  const { analysed, paused, rules } = base.plan;
  const baseVersion = base.plan.version;
  return { baseVersion, analysed, paused, rules, reason: "the yard was too wide", ...changes };
}

it("shows what heartbeat, directory and scene say of a camera", async () => {
  await node.beat();
  await node.next({ scenes: [sceneOf()] });
  const { items } = await ask<CameraItems>("GET", "/v1/cameras", undefined, looker);
  expect(items.map(({ ref }) => ref)).toEqual(["node-1/cam-1", "node-1/cam-2"]);
  expect(items[0]).toMatchObject({
    ...{ node: "up", state: "live", registered: true, active: true },
    ...{ purposes: ["public-safety"], openCases: 0, refused: null },
    frames: { captured: 100, analysed: 20, dropped: 80, reconnects: 1 },
    wanted: { version: 0, analysed: true, paused: [] },
    inForce: { version: 0, analysed: true, rules: 1 },
  });
  expect(items[1]).toMatchObject({ state: "unknown", inForce: null, frames: null });
  const seen = await detail();
  expect(seen.scene).toMatchObject({ width: 1280, fileRules: [{ id: "yard" }] });
  expect(seen.site).toMatchObject({ siteType: "square", managingUnit: "Test unit" });
});

it("wakes a waiting node when its plan changes, and keeps who, when and why", async () => {
  const before = await detail();
  const waiting = node.next({ plans: [stateOf(before.plan.version)], waitMs: 20_000 });
  const rules = [{ ...ZONE_RULE, dwellS: 4 }];
  const after = await ask<CameraDetail>("PUT", `${CAMERA}/plan`, planOf(before, { rules }));
  const { plans, orders } = await waiting;
  expect(orders).toEqual([]);
  expect(plans).toMatchObject([
    // Defaults are filled in: the node gets the whole rule.
    { camera: "cam-1", version: 1, rules: [{ id: "yard", dwellS: 4, clearS: 3 }] },
  ]);
  expect(after.history[0]).toMatchObject({
    ...{ version: 1, reason: "the yard was too wide", did: ["rules"], ruleIds: ["yard"] },
    by: { name: "boss", id: `operator:${boss.id}` },
  });
  const rows = await bench.db
    .selectFrom("audit")
    .select(["actor", "facts"])
    .where("action", "=", "camera.plan")
    .where("subject", "=", "camera:node-1/cam-1")
    .execute();
  expect(rows).toMatchObject([{ facts: { version: 1, did: "rules", rules: "yard" } }]);
  // Less than the node would have waited.
}, 10_000);

it("leaves no trace of a repetition", async () => {
  const before = await detail();
  const again = await ask<CameraDetail>("PUT", `${CAMERA}/plan`, planOf(before));
  const late = await ask<CameraDetail>("PUT", `${CAMERA}/plan`, planOf(before, { baseVersion: 0 }));
  expect([again.plan.version, late.plan.version]).toEqual([1, 1]);
});

it("tells a plan again only after a while, and not at all once it is refused", async () => {
  expect((await node.next({ plans: [stateOf(0)] })).plans).toEqual([]);
  const problem: Problem = { code: "PLAN_INVALID", message: "no such class", where: "rules[0]" };
  const refused = { version: 1, problem };
  await node.next({ plans: [{ ...stateOf(0), refused }] });
  expect((await detail()).camera.refused).toEqual(problem);
  await node.next({ plans: [stateOf(1)] });
  expect((await detail()).camera).toMatchObject({ refused: null, inForce: { version: 1 } });
});

it("refuses who was second, and says who was first", async () => {
  const before = await detail();
  await ask("POST", `${CAMERA}/pause`, { rule: "yard", paused: true, reason: "works in the yard" });
  const answer = await call("PUT", `${CAMERA}/plan`, planOf(before, { rules: null }));
  expect(answer.status).toBe(409);
  expect(await problemOf(answer)).toMatchObject({
    ...{ code: "VERSION_STALE", expected: "2", got: "1" },
    current: { version: 2, by: "boss", did: "paused", state: "analysed" },
  });
  expect((await detail()).plan.paused).toEqual(["yard"]);
});

it("lets exactly one of two at once be first", async () => {
  const before = await detail();
  const statuses = await Promise.all(
    [5, 6].map(async (dwellS) => {
      const rules = [{ ...ZONE_RULE, dwellS }];
      return (await call("PUT", `${CAMERA}/plan`, planOf(before, { rules }))).status;
    }),
  );
  expect(statuses.sort()).toEqual([200, 409]);
});

it("names the place of what is wrong in a plan", async () => {
  const before = await detail();
  const where = async (changes: object): Promise<string> => {
    const answer = await call("PUT", `${CAMERA}/plan`, planOf(before, changes));
    const { code, where: place } = await problemOf(answer);
    return `${code} ${String(place)}`;
  };
  const flat = { ...ZONE_RULE, id: "flat", zone: [[0, 0]] };
  const dense = { ...ZONE_RULE, kind: "crowd", densityPerM2: 2 };
  expect(await where({ paused: [], rules: [ZONE_RULE, flat] })).toBe("PLAN_INVALID rules[1].zone");
  expect(await where({ rules: [ZONE_RULE, ZONE_RULE] })).toBe("PLAN_INVALID rules[1].id");
  expect(await where({ rules: [dense] })).toBe("PLAN_INVALID rules[0].densityPerM2");
  expect(await where({ paused: ["ghost"] })).toBe("PLAN_INVALID paused[0]");
  expect(await where({ rules: [{ ...ZONE_RULE, classes: ["a\u0000b"] }] })).toBe(
    "PLAN_INVALID rules[0].classes",
  );
  const pause = { rule: "ghost", paused: true, reason: "none" };
  expect((await call("POST", `${CAMERA}/pause`, pause)).status).toBe(422);
  expect((await detail()).plan).toEqual(before.plan);
});

it("stops and starts every camera at once, each change once", async () => {
  const reason = "a festival of the town";
  const waiting = node.next({ plans: [stateOf((await detail()).plan.version)], waitMs: 20_000 });
  const all = { analysed: false, reason };
  expect(await ask<AnalysisSwitched>("POST", "/v1/analysis", all)).toEqual({
    changed: 2,
    cameras: 2,
  });
  expect((await waiting).plans).toMatchObject([{ camera: "cam-1", analysed: false }]);
  expect(await ask("POST", "/v1/analysis", all)).toEqual({ changed: 0, cameras: 2 });
  const one = await ask<CameraDetail>("POST", `${CAMERA}/analysis`, { analysed: true, reason });
  expect(one.history[0]).toMatchObject({ did: ["started"], reason });
  expect(one.plan).toMatchObject({ analysed: true, paused: [YARD] });
}, 10_000);

it("shows and takes nothing outside of a jurisdiction, and no change from who only looks", async () => {
  const elsewhere = await bench.person("elsewhere", {
    roles: ["supervisor"],
    jurisdiction: "99",
  });
  const list = await ask<CameraItems>("GET", "/v1/cameras", undefined, elsewhere);
  expect(list.items).toEqual([]);
  expect((await call("GET", CAMERA, undefined, elsewhere)).status).toBe(404);
  const stop = { analysed: false, reason: "because" };
  expect((await call("POST", `${CAMERA}/analysis`, stop, elsewhere)).status).toBe(404);
  expect(await ask("POST", "/v1/analysis", stop, elsewhere)).toEqual({ changed: 0, cameras: 0 });
  expect((await call("POST", `${CAMERA}/analysis`, stop, looker)).status).toBe(403);
});

it("takes scenes and states of a node's own cameras only, in its own name only", async () => {
  await bench.db
    .insertInto("node")
    .values({ id: "node-9", secret: "none", enabled: true })
    .execute();
  const { location, purposes, ...camera } = await bench.db
    .selectFrom("camera")
    .selectAll()
    .where("id", "=", "cam-2")
    .executeTakeFirstOrThrow();
  await bench.db
    .insertInto("camera")
    .values({
      ...{ ...camera, node_id: "node-9", id: "theirs" },
      ...{ location: JSON.stringify(location), purposes: JSON.stringify(purposes) },
    })
    .execute();
  const code = async (changes: object): Promise<string> => {
    const question = { nodeId: "node-1", plans: [], scenes: [], waitMs: 0, ...changes };
    const answer = await node.send("/v1/orders/next", question);
    return answer.ok ? "OK" : (await problemOf(answer)).code;
  };
  expect(await code({ plans: [stateOf(0, "theirs")] })).toBe("CAMERA_UNKNOWN");
  expect(await code({ nodeId: "node-9" })).toBe("NODE_MISMATCH");
  expect(await code({ waitMs: 26_000 })).toBe("BODY_MALFORMED");
  // Nobody's: shown as not registered, so that it can be stopped.
  expect(await code({ plans: [stateOf(0, "unlisted")] })).toBe("OK");
  const { items } = await ask<CameraItems>("GET", "/v1/cameras");
  expect(items.find(({ cameraId }) => cameraId === "unlisted")).toMatchObject({
    registered: false,
    active: false,
  });
});

it("describes every kind of rule with units, and once only", async () => {
  const first = await call("GET", "/v1/rule-kinds");
  const { kinds } = (await first.json()) as RuleKinds;
  expect(kinds).toHaveLength(16);
  const again = await bench.request("GET", "/v1/rule-kinds", {
    as: boss,
    headers: { "if-none-match": String(first.headers.get("etag")) },
  });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

it("ends the older question of a node when a newer one comes, and counts who waits", async () => {
  const { version } = (await detail()).plan;
  const question = { plans: [stateOf(version)], waitMs: 20_000 };
  const waiting = async (): Promise<string> => {
    const admin = bench.request("GET", "/metrics", { as: boss });
    return /^sesb_nodes_waiting (\d+)/m.exec(await (await admin).text())?.[1] ?? "none";
  };
  const older = node.next(question);
  await eventually(waiting, (count) => count === "1");
  const cut = node.askAndCut(question);
  expect(await older).toEqual({ plans: [], orders: [] });
  await eventually(waiting, (count) => count === "1");
  cut();
  await eventually(waiting, (count) => count === "0");
});

it("knows the town's register: its cameras, their grids, and what they may tell of", async () => {
  await using town = await startAccountsBench({ config: { town: TOWN } });
  const chief = await town.person("chief", { roles: ["supervisor"] });
  const list = async (as: Person): Promise<CameraItems["items"]> => {
    const response = await town.request("GET", "/v1/cameras", { as });
    return ((await response.json()) as CameraItems).items;
  };
  const market = (await list(chief)).find(({ cameraId }) => cameraId === "demo-market");
  expect(market).toMatchObject({
    ...{ ref: "demo-node/demo-market", node: "never", registered: true, active: true },
    purposes: ["public-safety", "city-management"],
  });
  const gridCode = String(market?.gridCode);
  const near = await town.person("near", { roles: ["supervisor"], jurisdiction: gridCode });
  const seen = await list(near);
  expect(seen.map(({ cameraId }) => cameraId)).toContain("demo-market");
  expect(new Set(seen.map((camera) => camera.gridCode))).toEqual(new Set([gridCode]));
  const address = "/v1/cameras/demo-node/demo-market";
  const detailed = await town.request("GET", address, { as: near });
  expect(((await detailed.json()) as CameraDetail).site).toMatchObject({
    ...{ siteType: "street", gridCode, retentionDays: 30 },
    gridName: { zh: expect.any(String) as string },
  });
  const body = {
    ...{ baseVersion: 0, analysed: true, paused: [], rules: [ZONE_RULE], reason: "night" },
  };
  const refused = await town.request("PUT", `${address}/plan`, { as: near, body });
  expect(await problemOf(refused)).toMatchObject({
    ...{ code: "PLAN_INVALID", where: "rules[0].eventType", got: "SEC.INTRUDE" },
  });
}, 60_000);

it("stops a town of thousands of cameras with one request", async () => {
  await sql`insert into camera
    select 'node-9', 'mass-' || n, name, site_type, managing_unit, purposes, retention_days,
      sign_posted, location, true
    from camera, generate_series(1, 8000) as n where node_id = 'node-1' and id = 'cam-2'`.execute(
    bench.db,
  );
  const stop = { analysed: false, reason: "the power of the town fails" };
  const { changed } = await ask<AnalysisSwitched>("POST", "/v1/analysis", stop);
  expect(changed).toBeGreaterThanOrEqual(8000);
  const { items } = await ask<CameraItems>("GET", "/v1/cameras");
  expect(items.filter(({ wanted }) => wanted.analysed)).toEqual([]);
});
