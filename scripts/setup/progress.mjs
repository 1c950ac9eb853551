/**
 * Progress of several steps at once. On a terminal one line is redrawn; elsewhere each step that
 * lasts longer than two seconds says where it is every two and a half.
 */
const QUIET_MS = 2_000;
const LINE_EVERY_MS = 2_500;
const REDRAW_MS = 120;

/** "[######----]  60 %" */
export function formatBar(fraction, width = 20) {
  const share = Math.min(1, Math.max(0, fraction));
  const full = Math.round(share * width);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${"#".repeat(full)}${"-".repeat(width - full)}] ${percent} %`;
}

export function formatDuration(ms) {
  if (ms < 10_000) {
    return `${(ms / 1000).toFixed(1)} s`;
  }
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** One step's state in a line: bar where the share is known, elapsed time where it is not. */
export function formatStep({ name, fraction, detail }, elapsedMs) {
  const share = fraction === undefined ? formatDuration(elapsedMs) : formatBar(fraction);
  return `${name}: ${share}${detail ? `  ${detail}` : ""}`;
}

export class Board {
  #out;
  #now;
  #steps = new Map();
  #timer;
  #drawn = false;

  constructor(out = process.stdout, now = () => performance.now()) {
    this.#out = out;
    this.#now = now;
  }

  /** Runs one step; `work` gets `report({ fraction?, detail? })`. Says how long it took. */
  async step(name, work, done = "done") {
    const step = { name, fraction: undefined, detail: "", since: this.#now(), said: undefined };
    this.#steps.set(step, true);
    this.#say(`${name} …`);
    this.#start();
    let failed = false;
    try {
      return await work((update) => Object.assign(step, update));
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      this.#steps.delete(step);
      if (this.#steps.size === 0) {
        this.#stop();
      }
      const took = formatDuration(this.#now() - step.since);
      this.#say(failed ? `${name}: failed after ${took}` : `${name}: ${done} (${took})`);
    }
  }

  /** Prints a line of its own above the progress line. */
  note(text) {
    this.#say(text);
  }

  #say(text) {
    this.#wipe();
    this.#out.write(`${text}\n`);
  }

  #wipe() {
    if (this.#drawn) {
      this.#out.write("\r\x1b[2K");
      this.#drawn = false;
    }
  }

  #start() {
    const everyMs = this.#out.isTTY ? REDRAW_MS : 250;
    this.#timer ??= setInterval(() => (this.#out.isTTY ? this.#redraw() : this.#lines()), everyMs);
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#wipe();
  }

  #redraw() {
    const now = this.#now();
    const text = [...this.#steps.keys()]
      .map((step) => formatStep(step, now - step.since))
      .join(" | ");
    this.#wipe();
    this.#out.write(text.slice(0, (this.#out.columns ?? 80) - 1));
    this.#drawn = true;
  }

  #lines() {
    const now = this.#now();
    for (const step of this.#steps.keys()) {
      const quietMs = step.said === undefined ? QUIET_MS : LINE_EVERY_MS;
      if (now - (step.said ?? step.since) >= quietMs) {
        step.said = now;
        this.#out.write(`  ${formatStep(step, now - step.since)}\n`);
      }
    }
  }
}
