import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  caseListSchema,
  catalogueSchema,
  problemSchema,
  sessionViewSchema,
} from "../../../protocol/index.ts";
import { type BrainBench, getJson, startBench } from "./brain-bench.ts";

const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  problemSchema.parse(await response.json()).code,
];

/** A request whose Host header is chosen freely; gives its status. */
function statusUnderHost(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
      .on("error", reject);
  });
}

describe("a brain on loopback", () => {
  let bench: BrainBench;
  beforeAll(async () => {
    bench = await startBench({ endpoints: [] });
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  it("answers what the console reads, in the contract's shapes", async () => {
    caseListSchema.parse(await getJson(bench, "/v1/cases"));
    catalogueSchema.parse(await getJson(bench, "/v1/catalogue"));
    expect(sessionViewSchema.parse(await getJson(bench, "/v1/session"))).toMatchObject({
      mode: "open",
      signedIn: true,
      viewer: { id: "local", department: null, jurisdiction: null },
    });
    expect(await getJson(bench, "/healthz")).toEqual({ status: "ok" });
    expect(await getJson(bench, "/readyz")).toEqual({ status: "ok" });
    expect(await (await fetch(`${bench.url}/metrics`)).text()).toContain("sesb_inbox_depth 0");
  });

  it("describes itself in OpenAPI 3.1, every public path with its errors", async () => {
    const document = await getJson<{
      openapi: string;
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    }>(bench, "/openapi.json");
    expect(document.openapi).toBe("3.1.0");
    const paths = Object.entries(document.paths).filter(([name]) => name.startsWith("/v1/"));
    expect(paths.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        "/v1/accounts",
        "/v1/audit",
        "/v1/audit/verification",
        "/v1/cap",
        "/v1/cap/{id}",
        "/v1/cases",
        "/v1/cases/{id}",
        "/v1/catalogue",
        "/v1/deliveries",
        "/v1/deliveries/replay",
        "/v1/events",
        "/v1/evidence/{sha256}",
        "/v1/figures",
        "/v1/health",
        "/v1/heartbeat",
        "/v1/quarantine",
        "/v1/queue",
        "/v1/session",
        "/v1/stream",
        "/v1/subscriptions",
        "/v1/subscriptions/{name}",
        "/v1/tasks/{taskId}/acknowledgement",
        "/v1/town/map",
      ]),
    );
    for (const [name, methods] of paths) {
      for (const [method, operation] of Object.entries(methods)) {
        expect(operation.responses, `${method} ${name}`).toHaveProperty("default");
      }
    }
    expect((await fetch(`${bench.url}/docs/`)).status).toBe(200);
  });

  it("answers every error as a problem, without a stack", async () => {
    const get = (address: string): Promise<Response> => fetch(`${bench.url}${address}`);
    expect(await codeOf(await get("/v1/nothing"))).toEqual([404, "NOT_FOUND"]);
    expect(await codeOf(await get("/v1/cases/not-an-id"))).toEqual([404, "NOT_FOUND"]);
    expect(
      await codeOf(await get(`/v1/cases/${"0".repeat(8)}-0000-7000-8000-000000000000`)),
    ).toEqual([404, "NOT_FOUND"]);
    expect(await codeOf(await get("/v1/cases?limit=9999"))).toEqual([400, "BODY_MALFORMED"]);
    expect(await codeOf(await get("/v1/cases?before=x"))).toEqual([400, "BODY_MALFORMED"]);
    expect(await codeOf(await get("/v1/cases?state=NONE"))).toEqual([400, "BODY_MALFORMED"]);
    expect(await codeOf(await get(`/v1/evidence/${"f".repeat(64)}`))).toEqual([
      404,
      "EVIDENCE_UNKNOWN",
    ]);
    const post = await fetch(`${bench.url}/v1/session`, {
      method: "POST",
      body: "{",
      headers: { "content-type": "application/json" },
    });
    const text = await post.text();
    expect(problemSchema.parse(JSON.parse(text)).code).toBe("BODY_MALFORMED");
    expect(text).not.toMatch(/node_modules|\.ts:|stack/);
  });

  it("refuses other names and other origins, so that no web page reaches it", async () => {
    const { port } = new URL(bench.url);
    const url = `${bench.url}/v1/cases`;
    expect(await statusUnderHost(url, `localhost:${port}`)).toBe(200);
    expect(await statusUnderHost(url, `[::1]:${port}`)).toBe(200);
    expect(await statusUnderHost(url, `evil.example:${port}`)).toBe(403);
    expect(await statusUnderHost(url, "127.0.0.1.evil.example")).toBe(403);
    expect(await statusUnderHost(`${bench.url}/nothing`, "evil.example")).toBe(403);
    const mutate = (origin: string): Promise<Response> =>
      fetch(`${bench.url}/v1/session`, { method: "DELETE", headers: { origin } });
    expect(await codeOf(await mutate("https://evil.example"))).toEqual([403, "HOST_REFUSED"]);
    expect(await codeOf(await mutate("null"))).toEqual([403, "HOST_REFUSED"]);
    expect((await mutate(bench.url)).status).toBe(200);
  });

  it("serves pages under a policy that forbids foreign and inline scripts", async () => {
    const page = await fetch(`${bench.url}/`, { headers: { accept: "text/html" } });
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toContain("text/html");
    const policy = page.headers.get("content-security-policy");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    const deep = await fetch(`${bench.url}/cases/some-id`, { headers: { accept: "text/html" } });
    expect(deep.status).toBe(200);
  });

  it("says that its port is taken", async () => {
    const taken = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(startBench({ endpoints: [], config: { server: { port } } })).rejects.toMatchObject(
      { code: "PORT_IN_USE" },
    );
    taken.close();
  });
});

describe("a brain beyond loopback", () => {
  const operatorKey = "correct horse battery staple";
  let bench: BrainBench;
  beforeAll(async () => {
    bench = await startBench({ endpoints: [], operatorKey });
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  const signIn = (key: string): Promise<Response> =>
    fetch(`${bench.url}/v1/session`, {
      method: "POST",
      body: JSON.stringify({ key }),
      headers: { "content-type": "application/json" },
    });

  it("shows nothing of the control room without a session", async () => {
    for (const address of [
      "/v1/audit",
      "/v1/audit/verification",
      "/v1/cases",
      "/v1/stream",
      "/v1/health",
      "/v1/catalogue",
      "/v1/quarantine",
      "/metrics",
      `/v1/evidence/${"f".repeat(64)}`,
    ]) {
      expect(await codeOf(await fetch(`${bench.url}${address}`)), address).toEqual([
        401,
        "SESSION_REQUIRED",
      ]);
    }
    expect(await getJson(bench, "/v1/session")).toEqual({ mode: "key", signedIn: false });
    expect((await fetch(`${bench.url}/healthz`)).status).toBe(200);
  });

  it("gives a session for the key, in a cookie that scripts and strangers cannot use", async () => {
    const response = await signIn(operatorKey);
    const cookie = response.headers.get("set-cookie") as string;
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const headers = { cookie: cookie.split(";")[0] as string };
    expect((await fetch(`${bench.url}/v1/cases`, { headers })).status).toBe(200);
    const forged = { cookie: headers.cookie.replace(/=(\d)/, "=9") };
    expect((await fetch(`${bench.url}/v1/cases`, { headers: forged })).status).toBe(401);
    const bearer = { authorization: `Bearer ${operatorKey}` };
    expect((await fetch(`${bench.url}/metrics`, { headers: bearer })).status).toBe(200);
  });

  it("slows guessing down", async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess += 1) {
      statuses.push((await signIn(`guess ${guess}`)).status);
    }
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
    expect(await codeOf(await signIn("one more"))).toEqual([429, "RATE_LIMITED"]);
  });
});
