/** Cameras and rules with real edge nodes on real footage: what is drawn is tested and runs there. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Demonstration } from "../../bench/support/demonstration.ts";
import { openBrowser, type Browser } from "../support/browser.ts";
import { footageMissing } from "../support/footage.ts";
import { shoot } from "../support/page-checks.ts";

const REASON = "Reason (goes into the history and the audit)";

describe.skipIf(footageMissing !== undefined)("a rule drawn in the control room", () => {
  let demonstration: Demonstration;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    demonstration = await Demonstration.start();
    browser = await openBrowser();
    page = await browser.context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await demonstration.stop();
  });

  it("is tested on what the node remembers, put live and taken over", async () => {
    await page.goto(`${demonstration.url}/#/cameras`);
    await page.getByRole("button", { name: "English" }).click();
    const row = page.locator(".camera-row[data-condition=well]").first();
    await row.waitFor({ timeout: 60_000 });
    await row.locator(".camera-link").click();
    await page.getByRole("button", { name: "Show a picture of now" }).click();
    await page.locator(".scene img").waitFor({ timeout: 20_000 });
    await page.getByRole("button", { name: "New rule" }).click();
    await page.getByRole("button", { name: "Place a shape to start with" }).click();
    await page.getByLabel("Reported as").selectOption({ index: 0 });
    const test = page.getByRole("button", { name: "Test with recorded tracks" });
    await expect
      .poll(
        async () => {
          await test.click();
          return page.locator(".test-result").isVisible();
        },
        { timeout: 90_000, interval: 3_000 },
      )
      .toBe(true);
    await page.locator(".footprint").first().waitFor({ state: "attached" });
    await shoot(page, "cameras-node-test");
    await page.getByRole("button", { name: "Put live…" }).click();
    await page.getByLabel(REASON).fill("to see it run");
    await page.getByRole("button", { name: "Put live now" }).click();
    await page.locator(".camera-head").getByText("In force: plan 1").waitFor({ timeout: 30_000 });
    await shoot(page, "cameras-node-live");
  });
});
