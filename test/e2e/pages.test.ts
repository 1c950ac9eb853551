/** Every page of the control room on a real brain: in both languages, at three sizes, by axe. */
import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { sql } from "kysely";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type AccountsBench,
  PASSWORD,
  startAccountsBench,
} from "../contract/brain/accounts-bench.ts";
import {
  eventually,
  getCases,
  sendEvents,
  type BrainBench,
} from "../contract/brain/brain-bench.ts";
import { startBench, newSecret } from "../contract/brain/brain-bench.ts";
import { openTestDatabase } from "../contract/brain/directory-bench.ts";
import { sampleEvent } from "../contract/brain/sample-event.ts";
import { openBrowser, type Browser } from "../support/browser.ts";
import { buildPage } from "../support/console-page.ts";

const MINUTE_MS = 60_000;
/** Set to a folder, it keeps what the pages look like. */
const PICTURES = process.env["SESB_SCREENSHOTS"];
const PAGES = [
  ["cases", "#/"],
  ["wall", "#/wall"],
  ["whistles", "#/whistles"],
  ["desk", "#/desk"],
  ["cameras", "#/cameras"],
  ["figures", "#/figures"],
  ["audit", "#/admin/audit"],
  ["deliveries", "#/admin/deliveries"],
  ["subscriptions", "#/admin/subscriptions"],
  ["accounts", "#/admin/accounts"],
  ["quarantine", "#/admin/quarantine"],
] as const;
const SIZES = { desk: [1366, 768], phone: [360, 740], wall: [3840, 2160] } as const;

let browser: Browser;
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
afterEach(() => page.close());

async function keepPicture(name: string): Promise<void> {
  if (PICTURES !== undefined) {
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }
}

/** Findings that stop somebody from working. */
async function seriousFindings(): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`);
}

const WORKING =
  /正在(?:读取|打开|核验|载入)|Reading…|Opening the page|Verifying the|Loading the map/;

/** Until the page is live and has read what it shows. */
async function settle(): Promise<void> {
  await page.locator(".connection[data-state=live]").waitFor();
  await expect
    .poll(() => page.locator("main").innerText(), { timeout: 10_000 })
    .not.toMatch(WORKING);
}

/** The browser remembers the language of the test before. */
async function speak(language: "zh" | "en"): Promise<void> {
  await page.getByRole("button", { name: language === "zh" ? "中文" : "English" }).click();
}

describe("the pages of an open brain", () => {
  let bench: BrainBench;
  let department: Server;
  beforeAll(async () => {
    department = createServer((request, response) => {
      request.resume();
      response.writeHead(503).end();
    });
    await new Promise<void>((done) => department.listen(0, "127.0.0.1", done));
    const { port } = department.address() as { port: number };
    const url = `http://127.0.0.1:${port}/hook`;
    bench = await startBench({
      endpoints: ["GA", "XF"].map((code) => ({ department: code, url, secret: newSecret() })),
      config: { town: "demo/town" },
    });
    await seed(bench);
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
    department.closeAllConnections();
    department.close();
  });

  for (const language of ["zh", "en"] as const) {
    it(`have no serious finding of axe and fit a phone (${language})`, async () => {
      await page.setViewportSize({ width: SIZES.desk[0], height: SIZES.desk[1] });
      await page.goto(bench.url);
      await speak(language);
      const findings: string[] = [];
      for (const [name, address] of PAGES) {
        await page.setViewportSize({ width: SIZES.desk[0], height: SIZES.desk[1] });
        await page.goto(`${bench.url}/${address}`);
        await settle();
        findings.push(...(await seriousFindings()).map((finding) => `${name} ${finding}`));
        await keepPicture(`${name}-${language}-desk`);
        await page.setViewportSize({ width: SIZES.phone[0], height: SIZES.phone[1] });
        const width = await page.evaluate("document.documentElement.scrollWidth");
        if (width !== SIZES.phone[0]) {
          findings.push(`${name} is ${String(width)} px wide on a phone`);
        }
        await keepPicture(`${name}-${language}-phone`);
      }
      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
    });
  }

  it("are as readable in light, and on a wall of 4K", async () => {
    await page.setViewportSize({ width: SIZES.wall[0], height: SIZES.wall[1] });
    await page.goto(`${bench.url}/#/wall`);
    await speak("zh");
    await settle();
    await page.locator(".wall-row").first().waitFor();
    await keepPicture("wall-zh-4k");
    await page.setViewportSize({ width: SIZES.desk[0], height: SIZES.desk[1] });
    await page.getByRole("button", { name: "切换为浅色" }).click();
    const findings: string[] = [];
    for (const [name, address] of PAGES) {
      await page.goto(`${bench.url}/${address}`);
      await settle();
      findings.push(...(await seriousFindings()).map((finding) => `${name} ${finding}`));
      await keepPicture(`${name}-zh-light`);
    }
    expect(findings).toEqual([]);
    await page.getByRole("button", { name: "切换为深色" }).click();
  });

  it("say a new S0 on whatever page one is, until it is noted", async () => {
    await page.goto(`${bench.url}/#/figures`);
    await settle();
    await sendEvents(bench, [sampleEvent({ code: "FIR.SMOKE", cameraId: "cam-2" })]);
    const banner = page.locator(".urgent");
    await banner.waitFor();
    expect(await banner.textContent()).toContain("S0");
    await keepPicture("urgent-zh");
    await banner.getByRole("button").click();
    await banner.waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  });

  it("lead with the keyboard from the wall to a case, and download figures as a file", async () => {
    await page.goto(`${bench.url}/#/wall`);
    await settle();
    await page.locator(".wall-row").first().focus();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL(/#\/cases\//);
    await page.goto(`${bench.url}/#/figures`);
    await settle();
    const started = page.waitForEvent("download");
    await page.getByRole("button", { name: "下载 CSV：三个时钟" }).click();
    expect((await started).suggestedFilename()).toBe("clocks-types.csv");
  });

  it("try a replay first, with a reason, and show a subscriber's secret once", async () => {
    await page.goto(`${bench.url}/#/admin/deliveries`);
    await settle();
    await page.locator("summary", { hasText: "重新推送" }).click();
    await page.getByText("所有放弃的").click();
    await page.getByLabel("原因（记入审计）").fill("演练");
    await page.getByRole("button", { name: "试算" }).click();
    await page.getByText("将重新推送 0 条").waitFor();
    await page.goto(`${bench.url}/#/admin/subscriptions`);
    await page.locator("summary", { hasText: "新增订阅" }).click();
    await page.getByLabel("名称").fill("city-hub");
    await page.getByLabel("地址", { exact: true }).fill("http://127.0.0.1:9/none");
    await page.getByRole("button", { name: "新增", exact: true }).click();
    await page.getByText(/whsec_/).waitFor();
    await page.getByText("密钥只显示这一次").waitFor();
    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: /移除/ }).click();
    await page.getByText("没有记录").waitFor();
    expect(complaints).toEqual([]);
  });
});

describe("a brain with accounts", () => {
  let bench: AccountsBench;
  beforeAll(async () => {
    bench = await startAccountsBench();
    await bench.person("auditor", { roles: ["auditor"] });
    await bench.person("chief", { roles: ["supervisor", "administrator"] });
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const signIn = async (name: string, password = PASSWORD): Promise<void> => {
    await page.getByLabel("账号").fill(name);
    await page.getByLabel("密码").fill(password);
    await page.keyboard.press("Enter");
  };

  it("asks for name and password, shows each what he may see, and lets him out", async () => {
    await page.goto(bench.brain.url);
    await page.getByLabel("账号").waitFor();
    expect(await seriousFindings()).toEqual([]);
    await keepPicture("sign-in-zh");
    await signIn("auditor", "not the password");
    await page.getByText("账号或密码不正确").waitFor();
    await signIn("auditor");
    await page.locator(".page[data-page=figures]").waitFor();
    await page.getByRole("link", { name: "管理" }).click();
    await page.getByText("日志完整").waitFor();
    const names = await page.locator(".pages a").allTextContents();
    expect(names).toEqual(["统计", "管理"]);
    await page.locator(".who > button").click();
    expect(await page.locator("#who-panel").textContent()).toContain("审计员");
    await page.getByRole("button", { name: "退出登录" }).click();
    await page.getByLabel("账号").waitFor();
  });

  it("makes an account whose owner chooses the password by a link", async () => {
    await page.context().clearCookies();
    await page.goto(bench.brain.url);
    await signIn("chief");
    await page.locator(".connection[data-state=live]").waitFor();
    await page.goto(`${bench.brain.url}/#/admin/accounts`);
    await page.locator("summary", { hasText: "新增账号" }).click();
    await page.getByRole("textbox", { name: "账号" }).fill("night");
    await page.getByRole("textbox", { name: "姓名" }).fill("夜班");
    await page.getByRole("checkbox", { name: "受理员" }).check();
    await page.getByRole("button", { name: "新增", exact: true }).click();
    const link = (await page.locator(".once-value").textContent()) ?? "";
    expect(link).toContain("/welcome#");
    await keepPicture("accounts-link-zh");
    await page.context().clearCookies();
    await page.goto(link);
    await page.getByLabel(/新密码/).fill("another horse battery");
    await page.keyboard.press("Enter");
    await page.locator(".connection[data-state=live]").waitFor();
    await page.locator(".who", { hasText: "夜班" }).waitFor();
    await page.context().clearCookies();
  });
});

/** A night's cases of several types, ages and states, in the grids of the demonstration's town. */
async function seed(bench: BrainBench): Promise<void> {
  const codes = ["SEC.INTRUDE", "FIR.LANE", "UM.PARK", "FIR.SMOKE", "SEC.CROWD", "UM.GARBAGE"];
  const events = Array.from({ length: 24 }, (_, index) =>
    sampleEvent({
      code: codes[index % codes.length] as string,
      cameraId: index % 3 === 0 ? "cam-2" : "cam-1",
    }),
  );
  await sendEvents(bench, events);
  await eventually(
    () => getCases(bench),
    ({ items }) => items.length >= events.length,
  );
  const database = await openTestDatabase(bench.postgres);
  try {
    const { db } = database;
    const grids = [1, 2, 3].map((index) => `11010100100100${index}`);
    const rows = await db.selectFrom("case_file").select("id").orderBy("number").execute();
    for (const [index, { id }] of rows.entries()) {
      const at = Date.now() - index * index * 2 * MINUTE_MS;
      const grid = JSON.stringify({ gridCode: grids[index % grids.length] });
      await sql`update case_file set onset = ${new Date(at - 20_000)},
        reported_at = ${new Date(at)}, dispatched_at = ${new Date(at + 60_000)},
        location = location || ${grid}::jsonb where id = ${id}`.execute(db);
      if (index % 4 === 3) {
        await sql`update case_file set state = 'CLOSED',
          contained_at = ${new Date(at + 50 * MINUTE_MS)} where id = ${id}`.execute(db);
      }
    }
    await sql`update camera set location =
      '{"lat": 39.9042, "lon": 116.4072, "crs": "WGS84"}'::jsonb`.execute(db);
  } finally {
    await database.close();
  }
}
