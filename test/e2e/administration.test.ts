/** The administrator's pages in Chromium: a secret rotated while messages flow, and routing. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type BrainBench,
  eventually,
  newSecret,
  sendEvents,
  startBench,
} from "../contract/brain/brain-bench.ts";
import { sampleEvent } from "../contract/brain/sample-event.ts";
import { openBrowser, type Browser } from "../support/browser.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** Set to a folder, it keeps what the pages look like. */
const PICTURES = process.env["SESB_SCREENSHOTS"];
const TABS = ["endpoints", "departments", "routing"] as const;
const OLD = newSecret();

/** Takes what one of its secrets has signed, and refuses everything else. */
interface Receiver {
  readonly url: string;
  secrets: string[];
  taken: number;
  refused: number;
}

let browser: Browser;
let page: Page;
let bench: BrainBench;
let receiver: Receiver;
let server: http.Server;
const complaints: string[] = [];

beforeAll(async () => {
  execFileSync("npm", ["run", "-s", "build:console"], { cwd: ROOT, stdio: "pipe" });
  await startReceiver();
  bench = await startBench({
    endpoints: ["GA", "CG", "XF", "ZZ"].map((department) => ({
      ...{ department, url: receiver.url, secret: OLD },
    })),
    config: { town: "demo/town" },
  });
  browser = await openBrowser();
  page = await browser.context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(message.text());
    }
  });
});
afterAll(async () => {
  await browser.close();
  await bench[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

async function startReceiver(): Promise<void> {
  server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const isRight = receiver.secrets.some((secret) => {
        try {
          new Webhook(secret).verify(text, request.headers as Record<string, string>);
          return true;
        } catch {
          return false;
        }
      });
      receiver[isRight ? "taken" : "refused"] += 1;
      response.writeHead(isRight ? 204 : 401).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  receiver = { url: `http://127.0.0.1:${port}/hook`, secrets: [OLD], taken: 0, refused: 0 };
}

async function keepPicture(name: string): Promise<void> {
  if (PICTURES !== undefined) {
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `admin-${name}.png`) });
  }
}

async function open(tab: (typeof TABS)[number], language: "中文" | "English"): Promise<void> {
  await page.goto(`${bench.url}/#/admin/${tab}`);
  await page.getByRole("button", { name: language }).click();
  await page.locator(".connection[data-state=live]").waitFor();
  await page.locator(".table-card table, .table-none").first().waitFor();
}

/** Messages go out and come in until the work is done. */
async function whileEventsFlow(work: () => Promise<void>): Promise<void> {
  const done = new AbortController();
  const flowing = (async (): Promise<void> => {
    while (!done.signal.aborted) {
      await sendEvents(bench, [sampleEvent()]);
    }
  })();
  await work().finally(() => done.abort());
  await flowing;
}

async function untilTaken(more: number): Promise<void> {
  const from = receiver.taken;
  await eventually(
    () => Promise.resolve(receiver.taken - from),
    (count) => count >= more,
  );
}

async function giveReason(reason: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason (goes into the audit)").fill(reason);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
}

describe("an administrator", () => {
  it("rotates a secret while messages flow, and none is refused", async () => {
    await open("endpoints", "English");
    const row = page.locator("tr", { hasText: "GA" }).first();
    await whileEventsFlow(async () => {
      await untilTaken(3);
      await row.getByRole("button", { name: "Rotate secret" }).click();
      await keepPicture("rotate-en");
      await giveReason("yearly");
      const secret = await page.locator(".once-value").innerText();
      expect(secret).toMatch(/^whsec_/);
      await untilTaken(3);
      // The department changes to the new secret whenever it likes.
      receiver.secrets = [secret, OLD];
      await untilTaken(3);
      await row.getByText("Old and new secret count until").waitFor();
      await row.getByRole("button", { name: "End overlap" }).click();
      await giveReason("the department has changed");
      await untilTaken(3);
    });
    expect(receiver.refused).toBe(0);
    await page.reload();
    await page.locator(".table-card table").first().waitFor();
    expect(await page.content()).not.toContain("whsec_");
    await row.getByRole("button", { name: "Test" }).click();
    await page.getByText(/answered 204 after/).waitFor();
    await keepPicture("endpoints-en");
  });

  it("gives a type in an area to another department, and the proposal changes", async () => {
    await open("routing", "English");
    const tryOut = page.getByRole("region", { name: /Try out/ });
    await tryOut.getByLabel("Event type").fill("SEC.INTRUDE");
    await tryOut.getByLabel("Grid prefix").fill("110115001002003");
    await page.keyboard.press("Enter");
    await tryOut.getByText("No rule fits; the catalogue decides.").waitFor();
    await page.getByRole("button", { name: "New rule" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Event type").fill("SEC.*");
    await dialog.getByLabel("Grid prefix").fill("110115001");
    await dialog.getByLabel("Lead").selectOption("CG");
    await giveReason("agreed on Monday");
    await tryOut.getByText(/By the rule SEC\.\* \/ 110115001/).waitFor();
    await tryOut.locator("li", { hasText: "Urban mgmt" }).getByText("Lead").waitFor();
    await keepPicture("routing-en");
  });

  it("disables a department with a reason, and new work goes to the hub", async () => {
    await open("departments", "English");
    const row = page.locator("tr", { hasText: "XF" }).first();
    await row.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel(/Why it is disabled/).fill("moves house");
    await giveReason("asked for by telephone");
    await row.getByText("Disabled: moves house").waitFor();
    await page.getByText(/as version \d+ of the directory/).waitFor();
    await keepPicture("departments-en");
  });

  it("finds the pages readable and usable in both languages and on a phone", async () => {
    const findings: string[] = [];
    for (const language of ["中文", "English"] as const) {
      for (const tab of TABS) {
        await page.setViewportSize({ width: 1366, height: 768 });
        await open(tab, language);
        const { violations } = await new AxeBuilder({ page })
          .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
          .analyze();
        const serious = violations.filter(({ impact }) =>
          ["serious", "critical"].includes(impact ?? ""),
        );
        findings.push(...serious.map(({ id }) => `${tab} ${language}: ${id}`));
        await keepPicture(`${tab}-${language === "中文" ? "zh" : "en"}-desk`);
        await page.setViewportSize({ width: 360, height: 740 });
        const width = await page.evaluate("document.documentElement.scrollWidth");
        if (width !== 360) {
          findings.push(`${tab} is ${String(width)} px wide on a phone`);
        }
      }
    }
    expect(findings).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
