/** The demonstration: everything of the product on one machine, kept running. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { PermanentError, type Clock } from "../../protocol/index.ts";
import { brainUrl, writeConfiguration, type Ports } from "./configuration.ts";
import type { LauncherOptions } from "./options.ts";
import { demandPort, preferPort } from "./ports.ts";
import {
  brainOf,
  cameraServerOf,
  departmentOf,
  edgeOf,
  type Entries,
  type ProgramOptions,
} from "./programs.ts";
import { RotatingLog } from "./rotating-log.ts";
import { DEMO_MOUNTS } from "./scene.ts";
import { isProcessOf, readState, writeState, type LauncherState } from "./state-file.ts";
import { label, Supervised, type ChildSpec } from "./supervised.ts";

const RTSP_PORT = 8554;
const DEPARTMENT_PORT = 8091;
const ORPHAN_WITHIN_MS = 10_000;

export interface LauncherSurroundings {
  readonly project: string;
  readonly entries: Entries;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** The demonstration footage; asked for only where it is used. */
  readonly footage: () => Promise<string>;
  readonly say: (line: string) => void;
}

export class Launcher {
  readonly #options: LauncherOptions;
  readonly #around: LauncherSurroundings;
  readonly #children: Supervised[] = [];
  #state: LauncherState | undefined;
  #isStopping = false;

  constructor(options: LauncherOptions, around: LauncherSurroundings) {
    this.#options = options;
    this.#around = around;
  }

  /**
   * Resolves to the control room's address once everything is ready.
   * @throws PermanentError in words for a person; what was started has been stopped then.
   */
  async start(): Promise<string> {
    const { dataDir } = this.#options;
    const { clock, project, entries, env, footage } = this.#around;
    mkdirSync(path.join(dataDir, "logs"), { recursive: true, mode: 0o700 });
    await this.#endOrphans();
    const ports = await this.#choosePorts();
    const files = writeConfiguration(this.#options, ports);
    const clip = files.isDemoCameraUsed ? await footage() : "";
    this.#state = this.#firstState(ports, files.isDemoCameraUsed);
    try {
      await this.#startAll(
        { project, entries, env, files, ports, footage: clip },
        files.isDemoCameraUsed,
      );
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#state = { ...this.#state, readyAt: clock.now() };
    this.#writeState();
    return `${brainUrl(ports)}/`;
  }

  /** The edge node first, so that it puts what it has on disk; the brain before its listeners. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const order = ["edge", "brain", "department", "camera-server"];
    const rank = (child: Supervised): number => order.indexOf(child.spec.name);
    for (const child of [...this.#children].sort((a, b) => rank(a) - rank(b))) {
      await child.stop();
    }
  }

  /** At once. */
  kill(): void {
    this.#children.forEach((child) => child.kill());
  }

  async #startAll(options: ProgramOptions, hasCameraServer: boolean): Promise<void> {
    // The node connects to its camera and the brain to its listener at once, so these come first;
    // the brain takes longest and starts beside them.
    const brain = this.#startChild(brainOf(options));
    const others = (async () => {
      await Promise.all([
        hasCameraServer ? this.#startChild(cameraServerOf(options)) : undefined,
        this.#options.hasDepartment ? this.#startChild(departmentOf(options)) : undefined,
      ]);
      await this.#startChild(edgeOf(options));
    })();
    // The first failure is told; the rest is stopped by the caller.
    await Promise.all([brain, others]);
  }

  async #startChild(spec: ChildSpec): Promise<void> {
    const { clock, say } = this.#around;
    if (this.#isStopping) {
      throw new PermanentError("SETUP_FAILED", "The start was interrupted");
    }
    const log = new RotatingLog(path.join(this.#options.dataDir, "logs", `${spec.name}.log`));
    const child = new Supervised(spec, log, clock, (event) => {
      this.#writeState();
      if (event !== undefined) {
        say(event);
      }
    });
    this.#children.push(child);
    const startedAt = clock.now();
    await child.start();
    say(`  ${label(spec.name)} ready after ${((clock.now() - startedAt) / 1000).toFixed(1)} s`);
  }

  #firstState(ports: Ports, isDemoCameraUsed: boolean): LauncherState {
    const { dataDir, hasDepartment } = this.#options;
    return {
      version: 1,
      pid: process.pid,
      startedAt: this.#around.clock.now(),
      dataDir,
      controlRoomUrl: `${brainUrl(ports)}/`,
      ...(hasDepartment
        ? {
            departmentUrl: `http://127.0.0.1:${String(ports.department)}`,
            ledger: path.join(dataDir, "department", "ledger.jsonl"),
          }
        : {}),
      ...(isDemoCameraUsed
        ? { cameraUrl: `rtsp://127.0.0.1:${String(ports.rtsp)}/${DEMO_MOUNTS[0].mount}` }
        : {}),
      ports,
      children: {},
    };
  }

  #writeState(): void {
    if (this.#state !== undefined) {
      const children = this.#children.map(({ spec, log, report }) => [
        spec.name,
        { ...report, log: log.file, entry: spec.args[2] ?? "" },
      ]);
      writeState(this.#options.dataDir, {
        ...this.#state,
        children: Object.fromEntries(children) as LauncherState["children"],
      });
    }
  }

  async #choosePorts(): Promise<Ports> {
    const { port, departmentPort, rtspPort, dataDir } = this.#options;
    const brain = await demandPort(port, "--port");
    const earlier = readState(dataDir)?.ports;
    const wishes = (usual: number, last: number | undefined): number[] =>
      [...(last === undefined ? [] : [last]), usual].filter((wish) => wish !== brain);
    return {
      brain,
      department:
        departmentPort === undefined
          ? await preferPort(wishes(DEPARTMENT_PORT, earlier?.department))
          : await demandPort(departmentPort, "--department-port"),
      rtsp:
        rtspPort === undefined
          ? await preferPort(wishes(RTSP_PORT, earlier?.rtsp))
          : await demandPort(rtspPort, "--rtsp-port"),
    };
  }

  /** What a launcher that was killed may have left; a living one keeps its folder to itself. */
  async #endOrphans(): Promise<void> {
    const { clock, say } = this.#around;
    const { dataDir } = this.#options;
    const earlier = readState(dataDir);
    if (earlier === undefined) {
      return;
    }
    if (earlier.pid !== process.pid && isProcessOf(earlier.pid, "demo/main.ts")) {
      throw new PermanentError(
        "SETUP_FAILED",
        `The demonstration runs already (process ${String(earlier.pid)}, ` +
          `${earlier.controlRoomUrl}). Stop it, or choose another folder with --data-dir and ` +
          "another port with --port.",
      );
    }
    for (const [name, { pid, entry }] of Object.entries(earlier.children)) {
      if (pid === undefined || entry === "" || !isProcessOf(pid, entry)) {
        continue;
      }
      say(`  ending the ${name} of an earlier start (process ${String(pid)})`);
      process.kill(pid, "SIGTERM");
      const until = clock.now() + ORPHAN_WITHIN_MS;
      while (isProcessOf(pid, entry) && clock.now() < until) {
        await clock.wait(50);
      }
      if (isProcessOf(pid, entry)) {
        process.kill(pid, "SIGKILL");
      }
    }
  }
}
