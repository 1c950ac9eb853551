/** Keeps a brain running that is killed again and again, each life armed with failpoints. */
import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";

const MAIN = path.resolve(import.meta.dirname, "../../brain/main.ts");
const ARM = path.resolve(import.meta.dirname, "arm.ts");
/** Failpoints passed before one ends the process, on average. */
const MEAN_FAILPOINTS = 6_000;

export interface KeeperOptions {
  readonly configFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly random: () => number;
}

export class BrainKeeper {
  readonly #options: KeeperOptions;
  #child: ChildProcess | undefined;
  #isClosing = false;
  #isCalm = false;
  #url: string | undefined;
  lives = 0;
  /** Ends that a failpoint made. */
  failpoints = 0;
  /** Ends that nobody asked for. */
  readonly strange: string[] = [];
  #isKilled = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#live();
  }

  /** While it runs and is ready. */
  get url(): string | undefined {
    return this.#url;
  }

  kill(): void {
    this.#isKilled = true;
    this.#child?.kill("SIGKILL");
  }

  /** From its next life on it is not armed any more. */
  calm(): void {
    this.#isCalm = true;
    this.kill();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const child = this.#child;
    if (child !== undefined && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    }
  }

  #live(): void {
    this.lives++;
    const { configFile, env, random } = this.#options;
    const seed = 1 + Math.floor(random() * 2 ** 31);
    const armed = this.#isCalm ? [] : ["--import", ARM];
    const child = fork(MAIN, ["--config", configFile], {
      execArgv: ["--import", "tsx", ...armed],
      env: { ...process.env, ...env, SESB_CHAOS: `${seed}:${MEAN_FAILPOINTS}`, LOG_LEVEL: "fatal" },
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    let words = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      words = (words + chunk.toString("utf8")).slice(-2_000);
    });
    child.on("message", (message) => {
      this.#url = (message as { readonly url?: string }).url;
    });
    child.once("exit", (code, signal) => {
      this.#url = undefined;
      this.#note(words, code, signal);
      if (!this.#isClosing) {
        this.#live();
      }
    });
    this.#child = child;
  }

  #note(words: string, code: number | null, signal: NodeJS.Signals | null): void {
    if (words.includes("failpoint ")) {
      this.failpoints++;
    } else if (!this.#isKilled && !this.#isClosing) {
      this.strange.push(`${String(code ?? signal)}: ${words.trim().slice(-300)}`);
    }
    this.#isKilled = false;
  }
}
