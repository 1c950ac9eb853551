import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccountsBench, codeOf, startAccountsBench } from "./accounts-bench.ts";

const MAIN = path.resolve(import.meta.dirname, "../../../brain/accounts-main.ts");

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe("npm run accounts", () => {
  let bench: AccountsBench;
  let config: string;
  beforeAll(async () => {
    bench = await startAccountsBench();
    config = path.join(bench.brain.dir, "brain.yaml");
    await writeFile(
      config,
      `server: { publicUrl: "https://brain.example.org/" }\ndirectory: ./directory.yaml\n` +
        `accounts: { enabled: true }\n`,
    );
  }, 60_000);
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  function accounts(args: readonly string[], input = ""): Promise<Run> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...args], {
        env: { ...process.env, DATABASE_URL: bench.brain.postgres.connectionString },
      });
      let [out, err] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? -1, out, err }));
      child.stdin.end(input);
    });
  }

  it("makes the first administrator, who chooses a password by a link", async () => {
    expect(await bench.book.list()).toEqual([]);
    const run = await accounts(["add", "Root", "--roles", "administrator", "--config", config]);
    expect(run).toMatchObject({ code: 0, err: "" });
    const link = /^https:\/\/brain\.example\.org\/welcome#(\S+)$/m.exec(run.out);
    const body = { token: link?.[1], password: "a password of the first" };
    const redeemed = await bench.request("POST", "/v1/session/invitation", { body });
    expect(await codeOf(redeemed)).toBe("OK");
    expect(await codeOf(await bench.signIn("root", "a password of the first"))).toBe("OK");
  }, 30_000);

  it("asks for the password where it is told to, and keeps weak ones out", async () => {
    const add = (name: string, password: string): Promise<Run> =>
      accounts(["add", name, "--roles", "checker", "--password", "-c", config], `${password}\n`);
    expect(await add("asked", "a password typed here")).toMatchObject({ code: 0 });
    expect(await codeOf(await bench.signIn("asked", "a password typed here"))).toBe("OK");
    const weak = await add("weak", "short");
    expect(weak.code).toBe(1);
    expect(weak.err).toContain("PASSWORD_WEAK");
  }, 30_000);

  it("says what is wrong", async () => {
    const unknown = await accounts(["link", "nobody", "--config", config]);
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.err).toContain("NOT_FOUND");
    const roles = await accounts(["add", "x1", "--roles", "king", "--config", config]);
    expect(roles.err).toContain("CONFIG_INVALID");
    const last = await accounts(["disable", "root", "--config", config]);
    expect(last.err).toContain("ACCOUNT_CONFLICT");
    expect((await accounts([])).code).toBe(2);
  }, 30_000);
});
