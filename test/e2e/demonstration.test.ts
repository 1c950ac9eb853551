/** The whole line as a newcomer sees it: real footage, real RTSP, the real page. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Demonstration, until } from "../../bench/support/demonstration.ts";
import type { CaseDetail } from "../../protocol/index.ts";
import { openBrowser, type Browser } from "../support/browser.ts";
import { footageMissing } from "../support/footage.ts";
import { shoot } from "../support/page-checks.ts";

const FIRST_INCIDENT_MS = 60_000;

describe.skipIf(footageMissing !== undefined)("the demonstration", () => {
  let demonstration: Demonstration;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    demonstration = await Demonstration.start();
    browser = await openBrowser();
    page = await browser.context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
  });
  afterAll(async () => {
    await browser.close();
    await demonstration.stop();
  });

  it("shows an incident with its snapshot as it comes, without a reload", async () => {
    await page.goto(demonstration.url);
    const row = page.locator(".row").first();
    await row.waitFor({ timeout: FIRST_INCIDENT_MS });
    await row.locator("img").waitFor();
    await row.getByText("签收", { exact: true }).waitFor();
    await shoot(page, "demonstration-list-zh");
  });

  it("shows the case: snapshot, clocks, coordinates, timeline and the delivery", async () => {
    await page.locator(".row", { hasText: "越界" }).first().click();
    const detail = page.locator(".detail");
    await detail.locator(".timeline li").first().waitFor();
    await detail.getByText("HTTP 20").first().waitFor();
    const width = await detail
      .locator("img")
      .first()
      .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
    expect(width).toBe(768);
    const text = (await detail.textContent()) ?? "";
    for (const words of ["110101001002003", "WGS84", "nanodet", "公安派出所", "demo-node"]) {
      expect(text).toContain(words);
    }
    await shoot(page, "demonstration-case-zh");
    await page.getByRole("button", { name: "English" }).click();
    await detail.getByText("Accepted").first().waitFor();
    await shoot(page, "demonstration-case-en");
  });

  it("was signed, verified, delivered once to each department and acknowledged", () => {
    const received = demonstration.ledger.filter((line) => line.kind === "received");
    expect(received.length).toBeGreaterThan(0);
    expect(new Set(received.map((line) => line.taskId)).size).toBe(received.length);
    const acknowledged = demonstration.ledger.filter((line) => line.kind === "acknowledged");
    expect(acknowledged.length).toBeGreaterThan(0);
  });

  /** Cases that begin in the arcade and go on at the plaza next door. */
  async function casesWithTwoCameras(): Promise<readonly CaseDetail[]> {
    const cases = await demonstration.cases();
    const arcade = cases.filter(({ camera }) => camera.id === "demo-arcade");
    const details = await Promise.all(arcade.map(({ id }) => demonstration.case(id)));
    return details.filter(({ timeline }) =>
      timeline.some(({ facts }) => facts["camera"] === "demo-plaza"),
    );
  }

  it("tells within two minutes of several incidents, one of them seen by two cameras", async () => {
    await until(async () => (await casesWithTwoCameras()).length > 0, 120_000, "a joined case");
    // The fourth is the crowd at life-safety level.
    const kinds = async (): Promise<number> =>
      new Set((await demonstration.cases()).map(({ eventType }) => eventType)).size;
    await until(async () => (await kinds()) >= 4, 120_000, "cases of four types");
    const cases = await demonstration.cases();
    expect(new Set(cases.map(({ lead }) => lead)).size).toBeGreaterThanOrEqual(3);
    expect(new Set(cases.map(({ serviceLevel }) => serviceLevel)).size).toBeGreaterThanOrEqual(2);
  });

  it("gave the page nothing to complain of", () => {
    expect(complaints).toEqual([]);
  });
});
