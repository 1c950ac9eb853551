import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  isProcessOf,
  Launcher,
  preferPort,
  readState,
  type LauncherOptions,
  type LauncherState,
} from "../../../demo/launcher/index.ts";
import { systemClock } from "../../../protocol/index.ts";

const REPOSITORY = path.resolve(import.meta.dirname, "../../..");

/** A process that does what the launcher expects of its children, and writes down what happens. */
const CHILD = `
import { appendFileSync, existsSync } from "node:fs";
const name = process.argv[1].split("/").at(-2);
const note = (word) => appendFileSync(process.env.FAKE_JOURNAL, name + " " + word + "\\n");
note("start");
if (existsSync(process.env.FAKE_JOURNAL + "." + name)) {
  console.error("a reason in words");
  process.exit(3);
}
setInterval(() => undefined, 1000);
const end = (why) => { note(why); process.exit(0); };
process.once("SIGTERM", () => end("SIGTERM"));
process.once("disconnect", () => end("disconnect"));
if (name === "camera-server") {
  console.log(JSON.stringify({ kind: "listening", port: 1 }));
} else {
  process.send({ kind: "ready" });
}
`;

const NAMES = ["brain", "camera-server", "department", "edge"] as const;

describe("launcher", () => {
  let folder: string;
  let journal: string;
  let options: LauncherOptions;
  let said: string[];
  let launcher: Launcher | undefined;
  let outside: ChildProcess | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "launcher-"));
    journal = path.join(folder, "journal");
    for (const name of NAMES) {
      await mkdir(path.join(folder, name));
      await writeFile(path.join(folder, name, "main.ts"), CHILD);
    }
    await writeFile(journal, "");
    const port = await preferPort([]);
    options = { port, dataDir: path.join(folder, "data"), hasDepartment: true };
    said = [];
  });
  afterEach(async () => {
    await launcher?.stop();
    launcher = undefined;
    outside?.kill("SIGKILL");
    outside = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  function create(changes: Partial<LauncherOptions> = {}): Launcher {
    const entry = (name: string): string => path.join(folder, name, "main.ts");
    launcher = new Launcher(
      { ...options, ...changes },
      {
        project: REPOSITORY,
        entries: {
          cameraServer: entry("camera-server"),
          department: entry("department"),
          brain: entry("brain"),
          edge: entry("edge"),
        },
        env: { ...process.env, FAKE_JOURNAL: journal },
        clock: systemClock,
        footage: () => Promise.resolve("footage.mp4"),
        say: (line) => said.push(line),
      },
    );
    return launcher;
  }

  function state(): LauncherState {
    return readState(options.dataDir) as LauncherState;
  }
  function pidOf(name: (typeof NAMES)[number]): number {
    return state().children[name]?.pid as number;
  }
  async function happened(): Promise<string[]> {
    return (await readFile(journal, "utf8")).trim().split("\n");
  }

  it("starts all four, says where the control room is and writes its state", async () => {
    const url = await create().start();
    expect(url).toBe(`http://127.0.0.1:${String(options.port)}/`);
    const { children, pid, readyAt, ledger } = state();
    expect(Object.keys(children).sort()).toEqual([...NAMES]);
    expect(Object.values(children).map((child) => child.state)).toEqual(
      Array.from({ length: 4 }, () => "running"),
    );
    expect(pid).toBe(process.pid);
    expect(readyAt).toBeGreaterThan(0);
    expect(ledger).toBe(path.join(options.dataDir, "department", "ledger.jsonl"));
  });

  it("starts neither the camera server nor the department where they are not wanted", async () => {
    await create({ camera: "rtsp://cam.example/1", hasDepartment: false }).start();
    expect(Object.keys(state().children).sort()).toEqual(["brain", "edge"]);
  });

  it("stops the edge node first, and leaves no process behind", async () => {
    await create().start();
    const pids = NAMES.map(pidOf);
    await launcher?.stop();
    const ends = (await happened()).filter((line) => line.endsWith("SIGTERM"));
    expect(ends.map((line) => line.split(" ")[0])).toEqual([
      "edge",
      "brain",
      "department",
      "camera-server",
    ]);
    expect(pids.filter((pid) => isProcessOf(pid, folder))).toEqual([]);
  });

  it("starts a killed child again, with another process, and says so in one line each", async () => {
    await create().start();
    const before = pidOf("brain");
    process.kill(before, "SIGKILL");
    await expect.poll(() => state().children["brain"]?.restarts, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => state().children["brain"]?.state, { timeout: 20_000 }).toBe("running");
    expect(pidOf("brain")).not.toBe(before);
    expect(said.filter((line) => line.includes("was ended by SIGKILL"))).toHaveLength(1);
    expect(said.at(-1)).toBe("The brain is back.");
    expect(state().children["edge"]?.restarts).toBe(0);
  });

  it("gives a child's own words when it does not start, and stops the others", async () => {
    await writeFile(`${journal}.edge`, "");
    await expect(create().start()).rejects.toThrow(
      /The edge node did not start: it ended with exit code 3\..*a reason in words.*edge\.log/s,
    );
    expect((await happened()).filter((line) => line.endsWith("SIGTERM"))).toHaveLength(3);
  });

  it("refuses a taken port and names the option", async () => {
    const { createServer } = await import("node:net");
    const server = createServer().listen(options.port, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    await expect(create().start()).rejects.toThrow(/Port \d+ cannot be had.*--port PORT/);
    server.close();
    expect(await happened()).toEqual([""]);
  });

  it("ends what a killed launcher left behind before it starts anew", async () => {
    await create().start();
    const earlier = state();
    outside = spawn(process.execPath, [path.join(folder, "brain", "main.ts")], {
      env: { ...process.env, FAKE_JOURNAL: journal, NODE_OPTIONS: "--import tsx" },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      cwd: REPOSITORY,
    });
    await new Promise((resolve) => outside?.once("message", resolve));
    await launcher?.stop();
    const { brain } = earlier.children;
    const orphaned = { ...earlier, children: { brain: { ...brain, pid: outside.pid } } };
    await writeFile(path.join(options.dataDir, "state.json"), JSON.stringify(orphaned));
    await create().start();
    expect(isProcessOf(outside.pid as number, folder)).toBe(false);
    expect(said.some((line) => line.includes("ending the brain of an earlier start"))).toBe(true);
  });

  it("leaves no process behind when it is killed itself", async () => {
    const script = path.join(folder, "outer.mts");
    await writeFile(script, outerLauncher(folder, options, journal));
    outside = spawn(process.execPath, ["--import", "tsx", script], {
      cwd: REPOSITORY,
      env: { ...process.env, FAKE_JOURNAL: journal },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    await new Promise((resolve) => outside?.once("message", resolve));
    const pids = NAMES.map(pidOf);
    expect(pids.filter((pid) => isProcessOf(pid, folder))).toHaveLength(4);
    outside.kill("SIGKILL");
    await expect
      .poll(() => pids.filter((pid) => isProcessOf(pid, folder)), { timeout: 20_000 })
      .toEqual([]);
  });
});

/** A launcher in a process of its own, so that it can be killed. */
function outerLauncher(folder: string, options: LauncherOptions, journal: string): string {
  const text = JSON.stringify;
  const entry = (name: string): string => text(path.join(folder, name, "main.ts"));
  return `
    import { Launcher } from ${text(path.join(REPOSITORY, "demo/launcher/index.ts"))};
    import { systemClock } from ${text(path.join(REPOSITORY, "protocol/index.ts"))};
    const launcher = new Launcher(${text(options)}, {
      project: ${text(REPOSITORY)},
      entries: {
        cameraServer: ${entry("camera-server")},
        department: ${entry("department")},
        brain: ${entry("brain")},
        edge: ${entry("edge")},
      },
      env: { ...process.env, FAKE_JOURNAL: ${text(journal)} },
      clock: systemClock,
      footage: () => Promise.resolve("footage.mp4"),
      say: () => undefined,
    });
    await launcher.start();
    process.send("ready");
  `;
}
