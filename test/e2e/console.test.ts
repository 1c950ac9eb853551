/** The control room's page in a real browser, against a scripted brain. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBrowser, type Browser } from "../support/browser.ts";
import { startFakeBrain, type FakeBrain } from "../support/fake-brain/index.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGE_FOLDER = join(ROOT, "dist/console");
/** Newest change below a folder, epoch ms. */
function newestChange(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(
    0,
    ...files
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}

function buildPage(): void {
  const built = join(PAGE_FOLDER, "index.html");
  if (!existsSync(built) || statSync(built).mtimeMs < newestChange(join(ROOT, "console"))) {
    execFileSync("npm", ["run", "-s", "build:console"], { cwd: ROOT, stdio: "pipe" });
  }
}

let browser: Browser;
let brain: FakeBrain;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  buildPage();
  browser = await openBrowser();
});

afterAll(() => browser.close());

beforeEach(async () => {
  complaints = [];
  page = await browser.context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(message.text());
    }
  });
});

afterEach(async () => {
  await page.close();
  await brain.close();
});

async function open(key?: string): Promise<void> {
  brain = await startFakeBrain({ pageFolder: PAGE_FOLDER, ...(key === undefined ? {} : { key }) });
  // Each brain has its own port, and so its own storage: the page starts in its defaults.
}

const rows = (): Locator => page.locator(".row");
const row = (number: string): Locator => rows().filter({ hasText: number });
const waitForLive = (): Promise<void> => page.locator(".connection[data-state=live]").waitFor();
const banner = (): Locator => page.locator(".banner");

describe("the control room's page", () => {
  it("explains itself while nothing has happened, then shows what arrives", async () => {
    await open();
    await page.goto(brain.url);
    await page.getByText("一切平静").waitFor();
    await waitForLive();
    const arrived = brain.addCase({ eventType: "FIR.SMOKE", picture: false });
    await row(arrived.number).waitFor();
    expect(await rows().count()).toBe(1);
    expect(await row(arrived.number).getAttribute("data-fresh")).toBe("true");
    expect(await page.locator("[aria-live=assertive]").textContent()).toContain("烟火/疑似火情");
    expect(await row(arrived.number).textContent()).toContain("图像传输中");
    brain.deliverPicture(arrived.id);
    await row(arrived.number).locator("img").waitFor();
    brain.move(arrived.id, "ACCEPTED");
    await row(arrived.number).getByText("签收", { exact: true }).waitFor();
    await page.locator(".filter", { hasText: "签收1" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("opens a case by keyboard, shows all of it, and comes back", async () => {
    await open();
    brain.addCase({ ageMs: 90_000, state: "DISPATCHED" });
    const older = brain.addCase({ ageMs: 80_000, state: "ACCEPTED", failures: 1 });
    brain.addCase({ ageMs: 70_000 });
    await page.goto(brain.url);
    await rows().first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const detail = page.locator(".detail");
    await detail.locator(".timeline li").first().waitFor();
    const text = (await detail.textContent()) ?? "";
    for (const words of [
      older.number,
      "CGCS2000",
      older.location.gridCode ?? "",
      "从不识别任何人",
      "HTTP 503",
      "HTTP 202",
      "公安派出所签收",
      "coco-ssd-lite",
      "edge-01",
    ]) {
      expect(text).toContain(words);
    }
    expect(await detail.locator(".path [aria-current=step]").textContent()).toContain("签收");
    await page.keyboard.press("k");
    await detail.getByRole("heading", { level: 2 }).waitFor();
    expect(page.url()).not.toContain(older.id);
    await page.keyboard.press("Escape");
    await page.getByText("选择一个事件").waitFor();
    expect(await page.evaluate("document.activeElement?.className")).toBe("row");
    expect(complaints).toEqual([]);
  });

  it("follows a case that is open while it moves on", async () => {
    await open();
    const moving = brain.addCase({ state: "FILED" });
    await page.goto(`${brain.url}/#/cases/${moving.id}`);
    await page.locator(".path [aria-current=step]", { hasText: "立案" }).waitFor();
    brain.move(moving.id, "ACCEPTED");
    await page.locator(".path [aria-current=step]", { hasText: "签收" }).waitFor();
    await page.locator(".task-state[data-state=ACCEPTED]").waitFor();
    expect(complaints).toEqual([]);
  });

  it("changes every text with the language, and remembers it", async () => {
    await open();
    brain.addCase({ state: "DISPATCHED" });
    await page.goto(brain.url);
    await page.getByText("区域入侵").first().waitFor();
    expect(await page.title()).toBe("雪亮眼睛 · 智慧大脑");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByText("Zone intrusion").first().waitFor();
    await page.reload();
    await page.getByText("Zone intrusion").first().waitFor();
    expect(await page.title()).toBe("Sharp Eyes · Smart Brain");
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    // Names of cameras stay as their owners wrote them.
    const chinese = await page.evaluate(
      `document.querySelector("#root").innerText.replace(/实验小学北门|中文/g, "").match(/[\\u4e00-\\u9fff]+/g)`,
    );
    expect(chinese).toBeNull();
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByText("区域入侵").first().waitFor();
    expect(complaints).toEqual([]);
  });

  it("shows why a camera is not live", async () => {
    await open();
    await page.goto(brain.url);
    await waitForLive();
    const now = new Date().toISOString();
    const lost = {
      id: "gate-west-01",
      name: "西门广场东",
      state: "lost",
      since: now,
      captured: 1,
      analysed: 1,
      dropped: {},
      reconnects: 4,
      reason: "connection refused",
    };
    brain.setHealth({
      status: "degraded",
      nodes: [
        {
          id: "edge-01",
          state: "up",
          seenAt: now,
          skewMs: 1,
          model: null,
          provider: null,
          outboxDepth: 3,
          cameras: [lost] as never,
        },
      ],
    });
    await page.locator(".chips[data-status=degraded]").click();
    await page.locator("#health-panel").getByText("connection refused").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#health-panel").waitFor({ state: "hidden" });
  });

  it("asks for the operator's key and says when it is wrong", async () => {
    await open("night-shift");
    brain.addCase();
    await page.goto(brain.url);
    await page.getByLabel("操作员密钥").fill("day-shift");
    await page.keyboard.press("Enter");
    await page.getByText("密钥不正确").waitFor();
    await page.getByLabel("操作员密钥").fill("night-shift");
    await page.keyboard.press("Enter");
    await rows().first().waitFor();
  });
});

describe("a lost connection", () => {
  const SAID_WITHIN_MS = 3_000;

  for (const loss of ["cut", "mute"] as const) {
    it(`is said within 3 s and recovers without a gap or a double (${loss})`, async () => {
      await open();
      const known = brain.addCase({ state: "DISPATCHED" });
      await page.goto(brain.url);
      await row(known.number).waitFor();
      await waitForLive();
      brain[loss]();
      const lostAtMs = performance.now();
      await banner().waitFor();
      expect(performance.now() - lostAtMs).toBeLessThan(SAID_WITHIN_MS);
      expect(await banner().textContent()).toMatch(/\d+ 秒前的数据/);
      const missed = [brain.addCase(), brain.addCase()];
      brain.move(known.id, "ACCEPTED");
      brain.restore();
      await row(missed[1]?.number ?? "").waitFor({ timeout: 20_000 });
      await banner().waitFor({ state: "detached" });
      await row(known.number).getByText("签收", { exact: true }).waitFor();
      const numbers = await page.evaluate(
        `[...document.querySelectorAll(".row")].map((one) => one.dataset.case)`,
      );
      expect(numbers).toEqual([missed[1]?.id, missed[0]?.id, known.id]);
    });
  }
});

describe("many cases", () => {
  it("keeps few rows in the document, loads older ones, and does not jump", async () => {
    await open();
    for (let index = 0; index < 120; index++) {
      brain.addCase({ ageMs: 3_600_000 - index * 1000, state: "DISPATCHED" });
    }
    await page.goto(brain.url);
    await rows().first().waitFor();
    await waitForLive();
    expect(await rows().count()).toBeLessThan(40);
    const end = page.getByText("没有更早的事件了");
    const toBottom = (): Promise<unknown> =>
      page.evaluate(
        `{ const box = document.querySelector(".list-scroll"); box.scrollTo(0, box.scrollHeight); }`,
      );
    // Each arrival at the bottom loads a page; the list is whole once it says so.
    await expect
      .poll(
        async () => {
          await toBottom();
          return end.isVisible();
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    await toBottom();
    await row("000001").waitFor();
    expect(await page.locator(".rows > li").last().getAttribute("aria-posinset")).toBe("120");
    expect(await rows().count()).toBeLessThan(40);
    const before = await row("000005").boundingBox();
    brain.addCase();
    await page.locator(".new-above").waitFor();
    expect((await row("000005").boundingBox())?.y).toBe(before?.y);
    await page.locator(".new-above").click();
    await row("000121").waitFor();
    expect(complaints).toEqual([]);
  });

  it("fits a phone without sideways scrolling", async () => {
    await open();
    const shown = brain.addCase({ state: "ACCEPTED", failures: 1 });
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(brain.url);
    await row(shown.number).click();
    await page.locator(".timeline li").first().waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    await page.locator(".detail-close").click();
    await row(shown.number).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(complaints).toEqual([]);
  });
});
