import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadBrainConfig, loadDirectory, loadEdgeConfig } from "../../../config/index.ts";
import { loadDepartmentConfig } from "../../../demo/department/index.ts";
import { writeConfiguration, type LauncherOptions } from "../../../demo/launcher/index.ts";

const PORTS = { brain: 8080, department: 8091, rtsp: 8554 };
const CAMERAS = ["demo-school", "demo-arcade", "demo-plaza"];

describe("configuration of the demonstration", () => {
  let dataDir: string;
  let options: LauncherOptions;
  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(os.tmpdir(), "configuration-"));
    options = { port: 8080, dataDir, hasDepartment: true };
  });
  afterEach(async () => {
    await rm(dataDir, { recursive: true });
  });

  it("passes the schemas of all that read it", () => {
    const files = writeConfiguration(options, PORTS);
    expect(loadEdgeConfig(files.edge).cameras.map((camera) => camera.id)).toEqual(CAMERAS);
    expect(loadBrainConfig(files.brain).server).toMatchObject({
      host: "127.0.0.1",
      port: 8080,
      publicUrl: "http://127.0.0.1:8080",
    });
    expect(loadDirectory(files.directory).endpoints).toHaveLength(15);
    expect(loadDepartmentConfig(files.department).departments).toHaveLength(15);
    expect(files.isDemoCameraUsed).toBe(true);
  });

  it("names the same node, camera, purpose and secrets on both sides", () => {
    const files = writeConfiguration(options, PORTS);
    const edge = loadEdgeConfig(files.edge);
    const directory = loadDirectory(files.directory);
    const department = loadDepartmentConfig(files.department);
    expect(directory.nodes[0]).toMatchObject({
      id: edge.node.id,
      secretFile: edge.brain.secretFile,
      cameras: CAMERAS.map((id, index) => ({ id, purposes: [edge.cameras[index]?.purpose] })),
    });
    expect(
      directory.endpoints.map(({ department: code, secretFile }) => [code, secretFile]),
    ).toEqual(department.departments.map(({ code, secretFile }) => [code, secretFile]));
  });

  it("makes every secret once, random, and readable by the owner alone", async () => {
    const files = writeConfiguration(options, PORTS);
    const { secretFile } = loadEdgeConfig(files.edge).brain;
    const first = await readFile(secretFile, "utf8");
    expect(first).toMatch(/^whsec_[A-Za-z0-9+/]{43}=\n$/);
    writeConfiguration(options, PORTS);
    expect(await readFile(secretFile, "utf8")).toBe(first);
    expect((await stat(secretFile)).mode & 0o777).toBe(0o600);
    expect((await stat(files.edge)).mode & 0o777).toBe(0o600);
    const endpoint = loadDirectory(files.directory).endpoints[0]?.secretFile ?? "";
    expect(await readFile(endpoint, "utf8")).not.toBe(first);
  });

  it("watches the user's own source instead of the demonstration camera", () => {
    const files = writeConfiguration({ ...options, camera: "rtsp://cam.example/1" }, PORTS);
    expect(loadEdgeConfig(files.edge).cameras[0]).toMatchObject({
      id: "own-camera",
      source: "rtsp://cam.example/1",
      name: "Own camera (cam.example)",
    });
    expect(files.isDemoCameraUsed).toBe(false);
  });

  it("leaves endpoints out without a department", () => {
    const files = writeConfiguration({ ...options, hasDepartment: false }, PORTS);
    expect(loadDirectory(files.directory).endpoints).toEqual([]);
  });

  it("uses an edge configuration of the user's own and leaves it as it is", async () => {
    const own = path.join(dataDir, "own.yaml");
    const first = writeConfiguration(options, PORTS);
    const text = (await readFile(first.edge, "utf8")).replace("demo-school", "my-gate");
    await writeFile(own, text);
    const files = writeConfiguration({ ...options, config: own }, PORTS);
    expect(files.edge).toBe(own);
    expect(await readFile(own, "utf8")).toBe(text);
    expect(loadDirectory(files.directory).nodes[0]?.cameras[0]?.id).toBe("my-gate");
    expect(() =>
      writeConfiguration({ ...options, config: own }, { ...PORTS, brain: 9000 }),
    ).toThrow(/reports to another brain.*expected http:\/\/127\.0\.0\.1:9000.*8080/);
  });
});
