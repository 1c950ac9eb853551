/** Role × route × department, made from the routes that the brain has registered. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { permissionsOf } from "../../../brain/accounts/index.ts";
import type { RouteEntry } from "../../../brain/api/index.ts";
import { accountRoleSchema, type CaseSummary, catalogue } from "../../../protocol/index.ts";
import { type AccountsBench, codeOf, type Person, startAccountsBench } from "./accounts-bench.ts";
import { eventually, sendEvents, signedHeaders } from "./brain-bench.ts";
import { sampleEvent } from "./sample-event.ts";

/** Anybody may call these; a new one is named here after thinking twice. */
const OPEN =
  /^(GET|POST|DELETE) \/v1\/session$|^POST \/v1\/session\/invitation$|^GET \/v1\/session\/openid(\/callback)?$|^GET \/(healthz|readyz|openapi\.json|docs.*|assets\/.*|[^/]*\.(html|svg|png|ico|js|css|json|webmanifest))$|^POST \/v1\/reports(\/:code\/rating)?$|^GET \/v1\/reports\/:code$|^GET \/v1\/report-areas$/;
const NOWHERE = "0198c0de-0000-7000-8000-00000000dead";
const picture = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(500, 3)]);
const sha256 = createHash("sha256").update(picture).digest("hex");

interface Scene {
  readonly summary: CaseSummary;
  readonly whistleId: string;
  /** Has a task of the case. */
  readonly own: string;
  readonly other: string;
}

let bench: AccountsBench;
let routes: readonly RouteEntry[];
let scene: Scene;
let supervisor: Person;
const people = new Map<string, Person>();
const nameOf = ({ method, url }: RouteEntry): string => `${method} ${url}`;

beforeAll(async () => {
  bench = await startAccountsBench();
  routes = bench.brain.routes.filter(({ method }) => method !== "HEAD");
  supervisor = await bench.person("first", { roles: ["operator", "dispatcher", "supervisor"] });
  scene = await openScene();
  for (const role of accountRoleSchema.options) {
    people.set(
      role,
      await bench.person(role, {
        roles: [role],
        ...(role === "department" ? { department: scene.own } : {}),
        ...(role === "grid-worker" ? { jurisdiction: "11" } : {}),
      }),
    );
  }
  people.set(
    "other",
    await bench.person("other", { roles: ["department"], department: scene.other }),
  );
  people.set("elsewhere", await bench.person("elsewhere", { jurisdiction: "99" }));
}, 90_000);
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

/** A case with a picture, tasks and a whistle. */
async function openScene(): Promise<Scene> {
  const event = sampleEvent({ evidence: [{ sha256, bytes: picture.length }] });
  await sendEvents(bench.brain, [
    {
      ...event,
      data: { ...event.data, location: { ...event.data.location, gridCode: "110115001002003" } },
    },
  ]);
  const list = await eventually(
    async () => (await ask("GET", "/v1/cases", supervisor)) as { items: CaseSummary[] },
    ({ items }) => items.length === 1 && items[0]?.state !== "REPORTED",
  );
  const summary = list.items[0] as CaseSummary;
  await fetch(`${bench.brain.url}/v1/evidence/${sha256}`, {
    method: "PUT",
    body: picture,
    headers: {
      "content-type": "image/jpeg",
      ...signedHeaders(sha256, { sender: "node-1", secret: bench.brain.nodeSecret }),
    },
  });
  const tasks = await bench.db.selectFrom("task").select("department").execute();
  const involved = tasks.map(({ department }) => department);
  const other = catalogue.departments.find(({ code }) => !involved.includes(code))?.code as string;
  const own = summary.lead;
  const seen = async (): Promise<number> =>
    ((await ask("GET", `/v1/cases/${summary.id}`, supervisor)) as CaseSummary).version;
  const commands = [
    { kind: "dispatch", means: "telephone" },
    { kind: "accept" },
    { kind: "start" },
  ];
  for (const command of commands) {
    const sent = await bench.request("POST", `/v1/cases/${summary.id}/commands`, {
      as: supervisor,
      headers: { "idempotency-key": `scene-${command.kind}` },
      body: { expectedVersion: await seen(), command },
    });
    expect(await codeOf(sent)).toBe("OK");
  }
  const answer = await bench.request("POST", "/v1/whistles", {
    as: supervisor,
    headers: { "idempotency-key": "whistle-of-the-scene" },
    body: {
      caseId: summary.id,
      expectedVersion: await seen(),
      whistle: {
        kind: "joint-enforcement",
        subject: "all to the site",
        parties: [{ department: own, required: true }],
      },
    },
  });
  expect(await answer.clone().text()).toContain("whistle");
  const { whistle } = (await answer.json()) as { whistle: { id: string } };
  return { summary, whistleId: whistle.id, own, other };
}

async function ask(method: string, address: string, as: Person | undefined): Promise<unknown> {
  const response = await bench.request(method, address, { as });
  expect(response.status, `${method} ${address}`).toBe(200);
  return response.json();
}

function addressOf({ url }: RouteEntry): string {
  return url
    .replace("/v1/cases/:id", `/v1/cases/${scene.summary.id}`)
    .replace("/v1/cap/:id", `/v1/cap/${scene.summary.id}`)
    .replace("/v1/whistles/:id", `/v1/whistles/${scene.whistleId}`)
    .replace(":sha256", sha256)
    .replace(/:[a-zA-Z]+/g, NOWHERE);
}

/** Of a stream, which has no end, the body is read only where it begins at the beginning. */
async function look(
  route: RouteEntry,
  as: Person | undefined,
  query = "",
): Promise<{ readonly code: string; readonly text: string }> {
  const leaving = new AbortController();
  const response = await bench.request(route.method, `${addressOf(route)}${query}`, {
    as,
    signal: leaving.signal,
    headers: { "idempotency-key": `matrix-${crypto.randomUUID()}` },
    ...(["POST", "PATCH", "PUT"].includes(route.method) ? { body: {} } : {}),
  });
  if (!response.headers.get("content-type")?.includes("event-stream")) {
    const text = await response.clone().text();
    return { code: await codeOf(response), text };
  }
  const text = query === "?after=0" ? await readStream(response) : "";
  leaving.abort();
  return { code: "OK", text };
}

/** Until the brain says that all that had happened was sent. */
async function readStream(response: Response): Promise<string> {
  const { last } = await bench.db
    .selectFrom("stream")
    .select((eb) => eb.fn.max("position").as("last"))
    .executeTakeFirstOrThrow();
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  while (!text.includes(`"position":"${String(last)}"`)) {
    const chunk = await reader?.read();
    if (chunk?.done !== false) {
      throw new Error(`the stream ended: ${text}`);
    }
    text += decoder.decode(chunk.value as Uint8Array);
  }
  return text;
}

describe("every route", () => {
  it("names its permission, takes signatures, or is one of the few open ones", () => {
    const unnamed = routes.filter(
      ({ permission, access }) => permission === undefined && access === undefined,
    );
    expect(unnamed.map(nameOf)).toEqual([]);
    const open = routes.filter(({ access }) => access === "open").map(nameOf);
    expect(open.filter((name) => !OPEN.test(name))).toEqual([]);
    const signed = routes.filter(({ access }) => access === "signed");
    expect(signed.every(({ method }) => method === "POST" || method === "PUT")).toBe(true);
  });

  it("asks for a session, and lets in exactly the roles that have its permission", async () => {
    const wrong: string[] = [];
    let checked = 0;
    for (const route of routes) {
      const { permission } = route;
      if (permission === undefined) {
        continue;
      }
      const anonymous = await look(route, undefined);
      if (anonymous.code !== "SESSION_REQUIRED") {
        wrong.push(`${nameOf(route)}: anonymous got ${anonymous.code}`);
      }
      for (const role of accountRoleSchema.options) {
        const { code } = await look(route, people.get(role));
        const isLetIn = code !== "PERMISSION_REFUSED" && code !== "SESSION_REQUIRED";
        checked += 1;
        if (isLetIn !== permissionsOf([role]).has(permission)) {
          wrong.push(`${nameOf(route)}: ${role} got ${code}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    const asked = routes.filter(({ permission }) => permission !== undefined);
    expect(checked).toBe(asked.length * accountRoleSchema.options.length);
  }, 120_000);

  it("that is signed refuses sessions and strangers", async () => {
    for (const route of routes.filter(({ access }) => access === "signed")) {
      for (const person of [undefined, supervisor]) {
        const { code } = await look(route, person);
        expect(["SIGNATURE_MISSING", "SIGNATURE_WRONG"], nameOf(route)).toContain(code);
      }
    }
  });

  it("shows nothing of a case to another department, nor to another jurisdiction", async () => {
    const { id, number } = scene.summary;
    const secrets = [id, number, sha256, scene.whistleId];
    const leaks: string[] = [];
    for (const route of routes.filter(({ method, permission }) => method === "GET" && permission)) {
      for (const who of ["other", "elsewhere"]) {
        for (const query of ["?after=0", `?case=${id}`, "?purpose=public-safety"]) {
          const { code, text } = await look(route, people.get(who), query);
          // A problem repeats what was asked for; that tells nothing.
          const told = code === "OK" ? secrets.filter((one) => text.includes(one)) : [];
          if (told.length > 0 || (code === "OK" && /:(id|sha256)/.test(route.url))) {
            leaks.push(`${nameOf(route)}${query} tells ${who} ${told.join(" ")}`);
          }
        }
      }
    }
    expect(leaks).toEqual([]);
  }, 120_000);

  it("shows a department its own case, in list, detail, stream, evidence and export alike", async () => {
    const { id } = scene.summary;
    const own = people.get("department");
    const told = async (url: string, query = ""): Promise<string> =>
      (await look({ method: "GET", url }, own, query)).text;
    expect(await told("/v1/cases")).toContain(id);
    expect(await told("/v1/cases/:id")).toContain(id);
    expect(await told("/v1/cases/:id/work")).toContain(id);
    expect(await told("/v1/stream", "?after=0")).toContain(id);
    expect(await told("/v1/cap")).toContain(id);
    expect((await look({ method: "GET", url: "/v1/cap/:id" }, own)).code).toBe("OK");
    expect(await told("/v1/whistles/:id")).toContain(scene.whistleId);
    const evidence = { method: "GET", url: "/v1/evidence/:sha256" };
    expect((await look(evidence, own, `?case=${id}`)).code).toBe("OK");
    const detail = JSON.parse(await told("/v1/cases/:id")) as { tasks: { department: string }[] };
    expect(new Set(detail.tasks.map(({ department }) => department))).toEqual(new Set([scene.own]));
  });

  it("takes no command for a case from who does not see it", async () => {
    const { id, version } = scene.summary;
    for (const who of ["other", "elsewhere"]) {
      const as = people.get(who);
      const send = (address: string, body: unknown): Promise<string> =>
        bench
          .request("POST", address, { as, body, headers: { "idempotency-key": "a-key-of-ours" } })
          .then(codeOf);
      const command = { expectedVersion: version, command: { kind: "accept" } };
      expect(await send(`/v1/cases/${id}/commands`, command), who).toBe("NOT_FOUND");
      const party = { command: { kind: "take", department: scene.own, measure: "x" } };
      expect(await send(`/v1/whistles/${scene.whistleId}/commands`, party), who).toMatch(
        /NOT_FOUND|BODY_MALFORMED/,
      );
    }
  });

  it("tells a department of a case that it gave back, and then no more of it", async () => {
    const { id } = scene.summary;
    const own = people.get("department");
    await bench.db
      .updateTable("task")
      .set({ state: "RETURNED" })
      .where("department", "=", scene.own)
      .execute();
    const list = await look({ method: "GET", url: "/v1/cases" }, own);
    expect(list.text).not.toContain(id);
    const { text } = await look({ method: "GET", url: "/v1/stream" }, own, "?after=0");
    expect(text).toContain(`event: gone\ndata: {"id":"${id}"}`);
    expect(text).not.toContain("event: case");
  });
});

describe("evidence", () => {
  it("is shown for its case or for a purpose of its camera, and the audit says which", async () => {
    const evidence = { method: "GET", url: "/v1/evidence/:sha256" };
    const { id } = scene.summary;
    expect((await look(evidence, supervisor)).code).toBe("PURPOSE_REFUSED");
    expect((await look(evidence, supervisor, "?purpose=case-handling")).code).toBe(
      "PURPOSE_REFUSED",
    );
    expect((await look(evidence, supervisor, "?purpose=curiosity")).code).toBe("PURPOSE_REFUSED");
    expect((await look(evidence, supervisor, `?case=${NOWHERE}`)).code).toBe("EVIDENCE_UNKNOWN");
    expect((await look(evidence, supervisor, "?purpose=public-safety")).code).toBe("OK");
    expect((await look(evidence, supervisor, `?case=${id}`)).code).toBe("OK");
    const detail = { method: "GET", url: "/v1/cases/:id" };
    expect((await look(detail, supervisor, "?purpose=curiosity")).code).toBe("PURPOSE_REFUSED");
    const rows = await bench.db
      .selectFrom("audit")
      .select(["outcome", "purpose"])
      .where("actor", "=", `operator:${supervisor.id}`)
      .where("subject", "=", `evidence:${sha256}`)
      .orderBy("id")
      .execute();
    expect(rows.map(({ outcome, purpose }) => `${outcome} ${purpose ?? "none"}`)).toEqual([
      "refused none",
      "refused case-handling",
      "refused curiosity",
      "done public-safety",
      "done case-handling",
    ]);
  });
});
