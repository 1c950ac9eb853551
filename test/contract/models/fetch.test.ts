import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FetchOptions, fetchSource, type Progress } from "../../../models/fetch.ts";
import { systemClock } from "../../../protocol/index.ts";

const NAME = "tiny-models";
const WEIGHTS = Buffer.alloc(50_000, 7);

/** A package registry of one package. */
async function serve(tarball: Buffer): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    if (request.url?.endsWith(".tgz")) {
      response.end(tarball);
      return;
    }
    const version = {
      name: NAME,
      version: "1.0.0",
      dist: {
        tarball: `http://127.0.0.1:${String(port)}/${NAME}/-/${NAME}-1.0.0.tgz`,
        integrity: integrityOf(tarball),
      },
    };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        name: NAME,
        "dist-tags": { latest: "1.0.0" },
        versions: { "1.0.0": version },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/` };
}

function integrityOf(bytes: Buffer): string {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

describe("fetching a model with npm pack", () => {
  let folder = "";
  let target = "";
  let registry = { server: createServer(), url: "" };
  let tarball = Buffer.alloc(0);
  const before = process.env["npm_config_registry"];
  const steps: Progress["step"][] = [];
  const options = (signal?: AbortSignal): FetchOptions => ({
    clock: systemClock,
    onProgress: ({ step }) => {
      if (steps.at(-1) !== step) {
        steps.push(step);
      }
    },
    signal,
  });
  const sourceOf = (more: object = {}) => ({
    kind: "npm" as const,
    package: NAME,
    version: "1.0.0",
    sizeBytes: tarball.length,
    integrity: integrityOf(tarball),
    files: [{ path: "models/a.bin", sha256: "" }],
    ...more,
  });
  const workFolders = async () => (await readdir(tmpdir())).filter((it) => it.startsWith("model-"));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fetch-test-"));
    await mkdir(join(folder, "package/models"), { recursive: true });
    await writeFile(
      join(folder, "package/package.json"),
      JSON.stringify({ name: NAME, version: "1.0.0", scripts: { prepack: "exit 1" } }),
    );
    await writeFile(join(folder, "package/models/a.bin"), WEIGHTS);
    await writeFile(join(folder, "package/models/b.bin"), "not wanted");
    tarball = execFileSync("tar", ["-czf", "-", "-C", folder, "package"]);
    registry = await serve(tarball);
  });
  afterAll(async () => {
    registry.server.close();
    registry.server.closeAllConnections();
    if (before === undefined) {
      delete process.env["npm_config_registry"];
    } else {
      process.env["npm_config_registry"] = before;
    }
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    process.env["npm_config_registry"] = registry.url;
    target = await mkdtemp(join(folder, "target-"));
    steps.length = 0;
  });

  it("leaves the wanted files alone, tells its steps and cleans up", async () => {
    const existing = await workFolders();
    await fetchSource(sourceOf(), target, options());
    expect(await readdir(target, { recursive: true })).toEqual(["models", "models/a.bin"]);
    expect(await readFile(join(target, "models/a.bin"))).toEqual(WEIGHTS);
    expect(steps).toEqual(["fetch", "verify", "unpack"]);
    expect((await workFolders()).filter((it) => !existing.includes(it))).toEqual([]);
  });

  it("refuses another tarball than the manifest names", async () => {
    const source = sourceOf({ integrity: integrityOf(Buffer.from("other")) });
    await expect(fetchSource(source, target, options())).rejects.toMatchObject({
      code: "MODEL_DIGEST_WRONG",
    });
    expect(await readdir(target)).toEqual([]);
  });

  it("names the file that the package lacks", async () => {
    const source = sourceOf({ files: [{ path: "models/c.bin", sha256: "" }] });
    await expect(fetchSource(source, target, options())).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("models/c.bin") as string,
    });
  });

  it("says that the registry cannot be reached", async () => {
    // A port that was free a moment ago and refuses connections.
    const { server, url } = await serve(tarball);
    await new Promise((resolve) => server.close(resolve));
    process.env["npm_config_registry"] = url;
    await expect(fetchSource(sourceOf(), target, options())).rejects.toMatchObject({
      code: "SETUP_FAILED",
      message: expect.stringContaining("ECONNREFUSED") as string,
    });
  });

  it("stops when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(fetchSource(sourceOf(), target, options(signal))).rejects.toThrow();
  });
});
