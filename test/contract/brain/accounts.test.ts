import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AccountView,
  type Clock,
  type Invitation,
  problemSchema,
  sessionViewSchema,
  systemClock,
} from "../../../protocol/index.ts";
import {
  type AccountsBench,
  codeOf,
  cookieOf,
  PASSWORD,
  type Person,
  startAccountsBench,
} from "./accounts-bench.ts";
import { eventually } from "./brain-bench.ts";

const MINUTE_MS = 60_000;
let shiftMs = 0;
/** Goes with the real one, and may be put ahead. */
const clock: Clock = {
  now: () => systemClock.now() + shiftMs,
  wait: (delayMs, signal) => systemClock.wait(delayMs, signal),
};

describe("a brain with accounts", () => {
  let bench: AccountsBench;
  let administrator: Person;
  beforeAll(async () => {
    bench = await startAccountsBench({ clock, operatorKey: "a key of sixteen characters" });
    administrator = await bench.person("root", { roles: ["administrator"] });
  }, 60_000);
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  const session = async (cookie: string) =>
    sessionViewSchema.parse(
      await (await bench.request("GET", "/v1/session", { headers: { cookie } })).json(),
    );
  const reads = async (cookie: string): Promise<boolean> =>
    (await bench.request("GET", "/v1/catalogue", { headers: { cookie } })).status === 200;
  const actions = async (subject: string) => {
    const rows = await bench.db
      .selectFrom("audit")
      .select(["action", "outcome"])
      .where("subject", "=", subject)
      .orderBy("id")
      .execute();
    return rows.map(({ action, outcome }) => `${action} ${outcome}`);
  };

  it("tells nothing to who has not signed in, and how one signs in", async () => {
    expect(await session("")).toEqual({ mode: "accounts", signedIn: false });
    expect(await session("sesb_session=made-up")).toEqual({ mode: "accounts", signedIn: false });
    for (const address of ["/v1/cases", "/v1/accounts", "/v1/stream", "/metrics", "/v1/audit"]) {
      expect(await codeOf(await bench.request("GET", address)), address).toBe("SESSION_REQUIRED");
    }
    const key = { key: "a key of sixteen characters" };
    expect(await codeOf(await bench.request("POST", "/v1/session", { body: key }))).toBe(
      "SIGN_IN_REFUSED",
    );
  });

  it("keeps the operator key for machines that watch it", async () => {
    const headers = { authorization: "Bearer a key of sixteen characters" };
    expect((await bench.request("GET", "/metrics", { headers })).status).toBe(200);
    expect((await bench.request("GET", "/v1/health", { headers })).status).toBe(200);
    expect(await codeOf(await bench.request("GET", "/v1/cases", { headers }))).toBe(
      "PERMISSION_REFUSED",
    );
  });

  it("lets a new account choose its password by a link that works once", async () => {
    const made = await bench.request("POST", "/v1/accounts", {
      as: administrator,
      body: { name: "Li.Wei", displayName: "Desk 3", roles: ["operator", "dispatcher"] },
    });
    expect(made.status).toBe(201);
    const { token, account } = (await made.json()) as Invitation;
    expect(account).toMatchObject({ name: "li.wei", hasPassword: false, sessions: 0 });
    expect(await codeOf(await bench.signIn("li.wei"))).toBe("SIGN_IN_REFUSED");
    const redeem = (password: string, used = token): Promise<Response> =>
      bench.request("POST", "/v1/session/invitation", { body: { token: used, password } });
    expect(await codeOf(await redeem("too short"))).toBe("PASSWORD_WEAK");
    expect(await codeOf(await redeem("li.wei li.wei li.wei"))).toBe("PASSWORD_WEAK");
    expect(await codeOf(await redeem(PASSWORD, "made up"))).toBe("SIGN_IN_REFUSED");
    const answer = await redeem(PASSWORD);
    expect(answer.headers.get("set-cookie")).toMatch(/HttpOnly.*SameSite=Strict/);
    expect(await session(cookieOf(answer))).toMatchObject({
      signedIn: true,
      viewer: { id: account.id, name: "Desk 3", roles: ["operator", "dispatcher"] },
    });
    expect(await codeOf(await redeem("another good password"))).toBe("SIGN_IN_REFUSED");
    expect(await actions(`account:${account.id}`)).toEqual([
      "account.add done",
      "account.password done",
    ]);
  });

  it("lets a link expire after a day", async () => {
    const { token } = await bench.book.add(
      {
        ...{ name: "late", displayName: "late", roles: ["checker"] },
        ...{ department: null, jurisdiction: null },
      },
      { actor: "operator:command-line" },
    );
    shiftMs += 24 * 60 * MINUTE_MS;
    const body = { token, password: PASSWORD };
    const late = await bench.request("POST", "/v1/session/invitation", { body });
    expect(await codeOf(late)).toBe("SIGN_IN_REFUSED");
    administrator = { ...administrator, headers: { cookie: cookieOf(await bench.signIn("root")) } };
  });

  it("says the same of a wrong name, a wrong password and a disabled account", async () => {
    const { id } = await bench.person("gone");
    await bench.request("PATCH", `/v1/accounts/${id}`, {
      as: administrator,
      body: { enabled: false },
    });
    const answers = await Promise.all([
      bench.signIn("nobody"),
      bench.signIn("root", "not the password of root"),
      bench.signIn("gone"),
      bench.signIn("no name at all!"),
    ]);
    const texts = await Promise.all(answers.map((one) => one.text()));
    expect(new Set(texts).size).toBe(1);
    expect(problemSchema.parse(JSON.parse(texts[0] as string)).code).toBe("SIGN_IN_REFUSED");
    expect(answers.map((one) => one.status)).toEqual([401, 401, 401, 401]);
  });

  it("keeps no token and no password that could be used", async () => {
    const { headers } = await bench.person("keeper");
    const token = headers.cookie.split("=")[1] as string;
    const rows = [
      ...(await bench.db.selectFrom("account_session").selectAll().execute()),
      ...(await bench.db.selectFrom("account").selectAll().execute()),
      ...(await bench.db.selectFrom("account_invitation").selectAll().execute()),
      ...(await bench.db.selectFrom("audit").selectAll().execute()),
    ];
    expect(token).toHaveLength(43);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rows)).not.toContain(PASSWORD);
  });

  it("ends a session after half an hour without a request, and renews it before", async () => {
    const { headers } = await bench.person("idle");
    shiftMs += 20 * MINUTE_MS;
    const renewed = await bench.request("GET", "/v1/catalogue", { headers });
    expect(cookieOf(renewed)).toBe(headers.cookie);
    expect(renewed.headers.get("set-cookie")).toMatch(/Max-Age=1(800|799)/);
    shiftMs += 20 * MINUTE_MS;
    expect(await reads(headers.cookie)).toBe(true);
    shiftMs += 30 * MINUTE_MS;
    expect(await reads(headers.cookie)).toBe(false);
  });

  it("ends a session after twelve hours whatever is asked", async () => {
    const { headers } = await bench.person("busy");
    for (let half = 0; half < 29; half += 1) {
      shiftMs += 24 * MINUTE_MS;
      expect(await reads(headers.cookie), `after ${half + 1} × 24 min`).toBe(true);
    }
    const { expiresAt } = await session(headers.cookie);
    expect(Date.parse(expiresAt ?? "") - clock.now()).toBeLessThanOrEqual(24 * MINUTE_MS);
    shiftMs += 24 * MINUTE_MS;
    expect(await reads(headers.cookie)).toBe(false);
  });

  it("signs out here, and everywhere", async () => {
    await bench.person("several");
    const [one, two, three] = (await Promise.all(
      [1, 2, 3].map(async () => cookieOf(await bench.signIn("several"))),
    )) as [string, string, string];
    const out = await bench.request("DELETE", "/v1/session", { headers: { cookie: one } });
    expect(out.headers.get("clear-site-data")).toBe('"cache"');
    expect([await reads(one), await reads(two), await reads(three)]).toEqual([false, true, true]);
    await bench.request("DELETE", "/v1/session?everywhere=true", { headers: { cookie: two } });
    expect([await reads(two), await reads(three)]).toEqual([false, false]);
  });

  it("changes a password for who knows it, and ends the other sessions", async () => {
    const person = await bench.person("changer");
    const other = cookieOf(await bench.signIn("changer"));
    const change = (current: string, next: string): Promise<Response> =>
      bench.request("POST", "/v1/session/password", { as: person, body: { current, next } });
    expect(await codeOf(await change("not the password", "a new good password"))).toBe(
      "SIGN_IN_REFUSED",
    );
    expect(await codeOf(await change(PASSWORD, "CHANGER forever"))).toBe("PASSWORD_WEAK");
    expect(await reads(other)).toBe(true);
    expect(await codeOf(await change(PASSWORD, "a new good password"))).toBe("OK");
    expect([await reads(person.headers.cookie), await reads(other)]).toEqual([true, false]);
    expect(await codeOf(await bench.signIn("changer"))).toBe("SIGN_IN_REFUSED");
    expect(await codeOf(await bench.signIn("changer", "a new good password"))).toBe("OK");
  });

  it("lets an administrator change roles, with effect at once", async () => {
    administrator = { ...administrator, headers: { cookie: cookieOf(await bench.signIn("root")) } };
    const person = await bench.person("mover");
    const change = (body: unknown, id = person.id): Promise<Response> =>
      bench.request("PATCH", `/v1/accounts/${id}`, { as: administrator, body });
    expect(await codeOf(await change({ duties: { roles: ["department"] } }))).toBe(
      "BODY_MALFORMED",
    );
    const duties = { roles: ["department"], department: "PS" };
    const changed = (await (await change({ duties })).json()) as AccountView;
    expect(changed).toMatchObject({ roles: ["department"], department: "PS", sessions: 0 });
    expect(await reads(person.headers.cookie)).toBe(false);
    const again = cookieOf(await bench.signIn("mover"));
    expect((await session(again)).viewer).toMatchObject({ department: "PS" });
    await bench.request("DELETE", `/v1/accounts/${person.id}/sessions`, { as: administrator });
    expect(await reads(again)).toBe(false);
    expect(await codeOf(await change({ displayName: "x" }, crypto.randomUUID()))).toBe("NOT_FOUND");
  });

  it("keeps one administrator at least, and one account of a name", async () => {
    for (const body of [{ enabled: false }, { duties: { roles: ["operator"] } }]) {
      const answer = await bench.request("PATCH", `/v1/accounts/${administrator.id}`, {
        as: administrator,
        body,
      });
      expect(await codeOf(answer)).toBe("ACCOUNT_CONFLICT");
    }
    const body = { name: "ROOT", displayName: "second", roles: ["operator"] };
    const twin = await bench.request("POST", "/v1/accounts", { as: administrator, body });
    expect(await codeOf(twin)).toBe("ACCOUNT_CONFLICT");
    const second = await bench.person("root2", { roles: ["administrator"] });
    const disable = (as: Person, id: string): Promise<Response> =>
      bench.request("PATCH", `/v1/accounts/${id}`, { as, body: { enabled: false } });
    const both = await Promise.all([
      disable(administrator, second.id).then(codeOf),
      disable(second, administrator.id).then(codeOf),
    ]);
    expect(both.filter((code) => code === "OK")).toHaveLength(1);
    const left = await bench.book.list();
    const enabled = left.filter((one) => one.enabled && one.roles.includes("administrator"));
    expect(enabled).toHaveLength(1);
    await bench.book.change(
      administrator.id,
      { enabled: true },
      { actor: "operator:command-line" },
    );
  });

  it("ends an open stream with its session", async () => {
    const { headers } = await bench.person("watcher");
    const response = await bench.request("GET", "/v1/stream", { headers });
    const reader = response.body?.getReader();
    await bench.request("DELETE", "/v1/session", { headers });
    const end = async (): Promise<boolean> => (await reader?.read())?.done ?? true;
    await eventually(end, (done) => done, 20_000);
  }, 30_000);

  it("writes down who was refused what", async () => {
    const person = await bench.person("curious", { roles: ["checker"] });
    await bench.request("GET", "/v1/accounts", { as: person });
    const [row] = await bench.db
      .selectFrom("audit")
      .selectAll()
      .where("actor", "=", `operator:${person.id}`)
      .where("outcome", "=", "refused")
      .execute();
    expect(row).toMatchObject({ action: "account.view", subject: "route:GET /v1/accounts" });
  });
});

describe("guessing a password", () => {
  let bench: AccountsBench;
  beforeAll(async () => {
    const server = { port: 0, trustedProxies: ["127.0.0.1"] };
    bench = await startAccountsBench({ clock, config: { server } });
    await bench.person("target");
    await bench.person("bystander");
  }, 60_000);
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  it("ends after ten tries, even with many at once, for a quarter of an hour", async () => {
    const guess = (): Promise<string> => bench.signIn("target", "a wrong password").then(codeOf);
    const codes = await Promise.all(Array.from({ length: 24 }, guess));
    // Of many at once too few may be looked at, never too many.
    while (codes.at(-1) !== "RATE_LIMITED" || codes.length < 25) {
      codes.push(await guess());
    }
    const looked = codes.filter((code) => code === "SIGN_IN_REFUSED");
    expect(looked).toHaveLength(10);
    expect(await codeOf(await bench.signIn("target"))).toBe("RATE_LIMITED");
    expect(await codeOf(await bench.signIn("bystander"))).toBe("OK");
    const elsewhere = await bench.request("POST", "/v1/session", {
      body: { name: "target", password: PASSWORD },
      headers: { "x-forwarded-for": "203.0.113.7" },
    });
    expect(await codeOf(elsewhere)).toBe("OK");
    expect(await guess()).toBe("RATE_LIMITED");
    shiftMs += 15 * MINUTE_MS + 1_000;
    expect(await codeOf(await bench.signIn("target"))).toBe("OK");
  });

  it("is told of by the address that a trusted proxy names", async () => {
    await bench.request("POST", "/v1/session", {
      body: { name: "bystander", password: PASSWORD },
      headers: { "x-forwarded-for": "203.0.113.9" },
    });
    const { address } = await bench.db
      .selectFrom("audit")
      .select("address")
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    expect(address).toBe("203.0.113.9");
  });
});
