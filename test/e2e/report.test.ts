/** The reporters' page on a phone, against a whole brain. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type BrainBench,
  eventually,
  getCases,
  startBench,
} from "../contract/brain/brain-bench.ts";
import { closeCase } from "../contract/brain/report-bench.ts";
import { openBrowser, type Browser } from "../support/browser.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** A folder for screenshots, for a person to look at. */
const SHOTS = process.env["SCREENSHOTS"];
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** This page alone, so that the test does not depend on the control room's. */
async function buildPage(outDir: string): Promise<void> {
  await build({
    configFile: false,
    root: path.join(ROOT, "console"),
    logLevel: "silent",
    build: {
      outDir,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: path.join(ROOT, "console/report.html") },
    },
  });
}

/** Serves the page, and passes everything else on to the brain. */
async function serve(folder: string, brainUrl: string): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    const url = (request.url ?? "/").split("?")[0] ?? "/";
    if (url.startsWith("/v1/")) {
      const { method, headers } = request;
      const passed = http.request(brainUrl + (request.url ?? ""), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      passed.on("error", () => response.destroy());
      request.pipe(passed);
      return;
    }
    const file = path.join(folder, url === "/report" ? "report.html" : path.normalize(url));
    readFile(file).then(
      (bytes) => {
        response.setHeader("content-type", TYPES[path.extname(file)] ?? "text/plain");
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

describe("the reporters' page on a phone", () => {
  let bench: BrainBench;
  let browser: Browser;
  let page: Page;
  let server: http.Server;
  let folder: string;
  let url: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-report-"));
    await buildPage(folder);
    bench = await startBench({ endpoints: [], config: { town: path.join(ROOT, "demo/town") } });
    server = await serve(folder, bench.url);
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/report`;
    browser = await openBrowser();
    await browser.context.grantPermissions(["geolocation"], { origin: new URL(url).origin });
    await browser.context.setGeolocation({ latitude: 39.8012, longitude: 116.5008, accuracy: 14 });
    page = await browser.context.newPage();
    await page.setViewportSize({ width: 360, height: 740 });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(url);
  });
  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await bench[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function shoot(name: string): Promise<void> {
    if (SHOTS !== undefined) {
      await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
    }
  }

  async function fill(type: string, text: string): Promise<void> {
    await page.getByText(type, { exact: false }).first().click();
    await page.getByLabel("说明情况").fill(text);
    await page.getByRole("button", { name: "用手机定位" }).click();
    await page.getByText("已定位, 误差约 14 米").waitFor();
  }

  it("fits 360 px, and says what is missing instead of sending", async () => {
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    expect(width).toBe(360);
    await page.getByRole("button", { name: "发送" }).click();
    await page.getByRole("alert").getByText("请选择类型").waitFor();
    expect(await page.evaluate<string>("document.activeElement.name")).toBe("commonType");
    await shoot("report-empty");
  });

  it("can be used before the phone has opened its store", async () => {
    const slow = await browser.context.newPage();
    await slow.addInitScript("IDBFactory.prototype.open = () => ({});");
    await slow.goto(url);
    await slow.getByRole("button", { name: "发送" }).click();
    await slow.getByRole("alert").getByText("请选择类型").waitFor();
    await slow.close();
  });

  it("finds a type by searching, with the keyboard alone", async () => {
    await page.getByLabel("其他类型").focus();
    await page.keyboard.type("广告");
    await page.locator("#found input").first().waitFor({ state: "attached" });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    expect(await page.locator("#found input:checked").inputValue()).toBe("UM.AD");
  });

  it("sends a photo, shows the code, and follows the report", async () => {
    await fill("暴露垃圾", "垃圾堆在门口");
    const picture = await sharp({
      create: { width: 4_000, height: 3_000, channels: 3, background: "#558855" },
    })
      .jpeg()
      .toBuffer();
    await page
      .locator("#photo")
      .setInputFiles({ name: "IMG_1.jpg", mimeType: "image/jpeg", buffer: picture });
    await page.locator("#photos img").waitFor();
    await shoot("report-filled");
    await page.getByRole("button", { name: "发送" }).click();
    await page.getByText("已收到, 谢谢").waitFor();
    expect(await page.locator("#code").textContent()).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$/);
    await shoot("report-sent");
    await page.getByRole("button", { name: "查进度" }).click();
    await page.locator("#mine button").first().click();
    await page.locator("#state-words").getByText("已立案").waitFor();
    await shoot("report-state");
    const { items } = await getCases(bench);
    expect(items[0]).toMatchObject({ eventType: "UM.GARBAGE" });
    expect(items[0]?.snapshot).not.toBeNull();
  });

  it("keeps what cannot be sent, also over a reload, and sends it when back", async () => {
    await page.getByRole("button", { name: "上报" }).click();
    await fill("道路积水", "桥下积水");
    await browser.context.setOffline(true);
    await page.getByRole("button", { name: "发送" }).click();
    await page.getByRole("alert").getByText("已保存在手机里").waitFor();
    await page.locator("#waiting li").waitFor();
    await shoot("report-offline");
    expect((await getCases(bench)).items.length).toBe(1);
    await browser.context.setOffline(false);
    await page.reload();
    await page.locator("#waiting").waitFor({ state: "hidden" });
    await eventually(
      () => getCases(bench),
      ({ items }) => items.length === 2,
    );
  });

  it("rates the handling of what is closed", async () => {
    const { items } = await getCases(bench);
    const garbage = items.find(({ eventType }) => eventType === "UM.GARBAGE");
    await closeCase(bench, garbage?.id ?? "");
    await page.getByRole("button", { name: "查进度" }).click();
    await page.locator("#mine button").last().click();
    await page.locator("#state-words").getByText("已办结").waitFor();
    await page.getByText("4 好").click();
    await page.getByLabel("意见").fill("很快");
    await shoot("report-rating");
    await page.getByRole("button", { name: "提交评价" }).click();
    await page.getByText("★★★★").waitFor();
    expect(await page.locator("#rating").isHidden()).toBe(true);
  });

  it("gave the page nothing to complain of", () => {
    expect(complaints).toEqual([]);
  });
});
