import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessionViewSchema } from "../../../protocol/index.ts";
import { type AccountsBench, codeOf, startAccountsBench } from "./accounts-bench.ts";
import { Browser, startTown, type Town } from "./open-id-town.ts";

describe("signing in at an OpenID provider", () => {
  let town: Town;
  let bench: AccountsBench;
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-openid-"));
    town = await startTown();
    const clientSecretFile = path.join(dir, "openid.secret");
    await writeFile(clientSecretFile, `${town.clientSecret}\n`);
    bench = await startAccountsBench({
      config: {
        accounts: {
          openId: {
            ...{ issuer: town.issuer, clientId: "brain", clientSecretFile, label: "Town account" },
            roles: { "control-room": ["operator", "dispatcher"], desk: ["department"] },
            departmentClaim: "department",
            jurisdictionClaim: "grids",
          },
        },
      },
    });
  }, 60_000);
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
    await town[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  const start = (): string => `${bench.brain.url}/v1/session/openid`;
  const sessionOf = async (browser: Browser) =>
    sessionViewSchema.parse(await (await browser.get(`${bench.brain.url}/v1/session`)).json());

  it("says so while the provider does not answer, and asks again later", async () => {
    expect(await codeOf(await new Browser().step(start()))).toBe("UNAVAILABLE");
    town.open(`${start()}/callback`);
    expect((await new Browser().step(start())).status).toBe(302);
  });

  it("lets in who has a group that is mapped, with the roles of the group", async () => {
    town.people.set("chen", { roles: ["control-room", "unknown"], grids: "110115" });
    const browser = new Browser();
    await browser.signIn(start(), "chen");
    expect(browser.visited.at(-1)).toBe(`${bench.brain.url}/`);
    expect(await sessionOf(browser)).toMatchObject({
      signedIn: true,
      singleSignOn: "Town account",
      viewer: { name: "chen", roles: ["operator", "dispatcher"], jurisdiction: "110115" },
    });
    const authorize = browser.visited.find((one) => one.startsWith(`${town.issuer}/auth?`));
    expect(authorize).toMatch(/code_challenge_method=S256/);
    expect(authorize).toMatch(/[?&]nonce=.*state=|[?&]state=.*nonce=/);
    expect(browser.cookie(bench.brain.url, "sesb_journey")).toBeUndefined();
  });

  it("binds a department's desk to the department that the provider names", async () => {
    town.people.set("wang", { roles: "desk", department: "PS" });
    const browser = new Browser();
    await browser.signIn(start(), "wang");
    expect((await sessionOf(browser)).viewer).toMatchObject({
      roles: ["department"],
      department: "PS",
    });
  });

  it("keeps out who has no role, or a desk without a department", async () => {
    town.people.set("nobody", { roles: ["strangers"] });
    town.people.set("deskless", { roles: ["desk"] });
    for (const login of ["nobody", "deskless"]) {
      const browser = new Browser();
      const response = await browser.signIn(start(), login);
      expect(await codeOf(response), login).toBe("SIGN_IN_REFUSED");
      expect((await sessionOf(browser)).signedIn).toBe(false);
    }
  });

  it("follows a change of roles at the next sign-in, and ends the sessions of before", async () => {
    town.people.set("mover", { roles: ["control-room"] });
    const before = new Browser();
    await before.signIn(start(), "mover");
    town.people.set("mover", { roles: ["desk"], department: "EM" });
    const after = new Browser();
    await after.signIn(start(), "mover");
    expect((await sessionOf(after)).viewer).toMatchObject({ department: "EM" });
    expect((await sessionOf(before)).signedIn).toBe(false);
    const accounts = await bench.book.list();
    expect(accounts.filter(({ name }) => name === "mover")).toHaveLength(1);
  });

  it("keeps out an account that is disabled here, whatever the provider says", async () => {
    town.people.set("banned", { roles: ["control-room"] });
    await new Browser().signIn(start(), "banned");
    const { id } = (await bench.book.list()).find(({ name }) => name === "banned") as {
      id: string;
    };
    await bench.book.change(id, { enabled: false }, { actor: "operator:command-line" });
    const browser = new Browser();
    expect(await codeOf(await browser.signIn(start(), "banned"))).toBe("SIGN_IN_REFUSED");
  });

  it("takes no answer that another browser began, that was changed, or that comes twice", async () => {
    town.people.set("victim", { roles: ["control-room"] });
    const browser = new Browser();
    await browser.signIn(start(), "victim");
    const answer = browser.visited.find((one) => one.includes("/callback?")) as string;
    expect(await codeOf(await new Browser().step(answer))).toBe("SIGN_IN_REFUSED");
    const other = new Browser();
    await other.step(start());
    expect(await codeOf(await other.step(answer))).toBe("SIGN_IN_REFUSED");
    expect(await codeOf(await browser.step(answer))).toBe("SIGN_IN_REFUSED");
    const page = await fetch(answer, { redirect: "manual", headers: { accept: "text/html" } });
    expect(page.headers.get("location")).toBe("/?signIn=SIGN_IN_REFUSED");
    const denied = new Browser();
    await denied.step(start());
    const error = `${start()}/callback?error=access_denied&iss=${encodeURIComponent(town.issuer)}`;
    expect(await codeOf(await denied.step(error))).toBe("SIGN_IN_REFUSED");
    expect((await sessionOf(other)).signedIn).toBe(false);
  });

  it("gives such an account no password here", async () => {
    const { id } = (await bench.book.list()).find(({ name }) => name === "chen") as { id: string };
    await expect(bench.book.invite(id, { actor: "operator:command-line" })).rejects.toMatchObject({
      code: "ACCOUNT_CONFLICT",
    });
    expect(await codeOf(await bench.signIn("chen", "any password at all"))).toBe("SIGN_IN_REFUSED");
  });
});
