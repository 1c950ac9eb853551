/** An operator's screen, and what it can be asked while it is used. */
import type { BrowserContext, CDPSession, Page } from "playwright-core";

/** Which page of the control room, and what shows that it can be used. */
const VIEWS = {
  cases: { hash: "#/cases", usable: "#incidents .row" },
  wall: { hash: "#/wall", usable: ".wall .row, .wall li" },
} as const;
export type ViewName = keyof typeof VIEWS;

export interface Scrolling {
  readonly framesPerS: number;
  /** Time between two frames, ms. */
  readonly frameMs: { readonly p50: number; readonly p95: number; readonly max: number };
}

/** Remembers when the banner of a new S0 was first there. The page's own code is text here. */
const WATCH_URGENT = `new MutationObserver(() => {
  if (window.urgentAt === undefined && document.querySelector(".urgent") !== null) {
    window.urgentAt = Date.now();
  }
}).observe(document, { childList: true, subtree: true });`;

const NOTE = `(async () => {
  while (document.querySelector(".urgent") !== null) {
    document.querySelector(".urgent button")?.click();
    await new Promise(requestAnimationFrame);
  }
  window.urgentAt = undefined;
})()`;

/** `waitForFunction` would evaluate text inside the page, which its policy forbids. */
const urgentAt = (timeoutMs: number): string => `new Promise((resolve, reject) => {
  const until = Date.now() + ${String(timeoutMs)};
  const look = () => {
    if (window.urgentAt !== undefined) {
      resolve(window.urgentAt);
    } else if (Date.now() > until) {
      reject(new Error("no banner of a new S0 appeared"));
    } else {
      setTimeout(look, 20);
    }
  };
  look();
})`;

/** Times between frames, ms. */
const countFrames = (forMs: number): string => `new Promise((resolve) => {
  const gaps = [];
  let last = performance.now();
  const until = last + ${String(forMs)};
  const next = () => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    now < until ? requestAnimationFrame(next) : resolve(gaps);
  };
  requestAnimationFrame(next);
})`;

export class Screen {
  readonly page: Page;
  readonly #cdp: CDPSession;

  private constructor(page: Page, cdp: CDPSession) {
    this.page = page;
    this.#cdp = cdp;
  }

  /** @returns the screen and how long it took until its first rows were there, ms. */
  static async open(
    context: BrowserContext,
    url: string,
    view: ViewName,
  ): Promise<{ readonly screen: Screen; readonly usableMs: number }> {
    const page = await context.newPage();
    await page.addInitScript({ content: WATCH_URGENT });
    const cdp = await context.newCDPSession(page);
    await cdp.send("Network.enable");
    await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
    const startedMs = performance.now();
    await page.goto(`${url}/${VIEWS[view].hash}`, { waitUntil: "commit" });
    await page.locator(VIEWS[view].usable).first().waitFor({ timeout: 60_000 });
    const usableMs = performance.now() - startedMs;
    await page.locator(".connection[data-state=live]").waitFor({ timeout: 60_000 });
    return { screen: new Screen(page, cdp), usableMs };
  }

  /** Takes note of every S0 shown, so that the next one is news. */
  async note(): Promise<void> {
    await this.page.evaluate(NOTE);
  }

  /** When the next S0 was first shown, epoch ms. */
  async urgentAt(timeoutMs: number): Promise<number> {
    return this.page.evaluate<number>(urgentAt(timeoutMs));
  }

  /** Scrolls the list down and up again with the wheel. */
  async scroll(seconds: number): Promise<Scrolling> {
    await this.page.bringToFront(); // Chromium draws no other page.
    const box = await this.page.locator(".list-scroll").boundingBox();
    if (box === null) {
      throw new Error("there is no list to scroll");
    }
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const gaps = this.page.evaluate<number[]>(countFrames(seconds * 1000));
    const until = performance.now() + seconds * 1000;
    for (let step = 0; performance.now() < until; step += 1) {
      await this.page.mouse.wheel(0, step % 120 < 80 ? 120 : -120);
    }
    return toScrolling(await gaps, seconds);
  }

  /** What the page holds after a full collection, MB. */
  async heapMb(): Promise<number> {
    await this.#cdp.send("HeapProfiler.collectGarbage");
    const { usedSize } = await this.#cdp.send("Runtime.getHeapUsage");
    return usedSize / 2 ** 20;
  }
}

function toScrolling(gaps: readonly number[], seconds: number): Scrolling {
  const sorted = [...gaps].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN) * 10) / 10;
  return {
    framesPerS: Math.round((gaps.length / seconds) * 10) / 10,
    frameMs: { p50: at(0.5), p95: at(0.95), max: at(1) },
  };
}
