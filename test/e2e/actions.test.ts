/** An operator's way through a case, by keyboard, against a whole brain. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CaseDetail, CaseWorkView } from "../../protocol/index.ts";
import {
  type BrainBench,
  eventually,
  getCase,
  getCases,
  getJson,
  newSecret,
  sendEvents,
  startBench,
} from "../contract/brain/brain-bench.ts";
import { type Inbox, post, startInbox } from "../contract/brain/casework-bench.ts";
import { sampleEvent, type SampleOptions } from "../contract/brain/sample-event.ts";
import { type Browser, openBrowser } from "../support/browser.ts";
import { buildPage } from "../support/console-page.ts";
import { expectNoSeriousIssue, shoot } from "../support/page-checks.ts";

const SAID_WITHIN_MS = 200;

let inbox: Inbox;
let brain: BrainBench;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  buildPage();
  inbox = await startInbox();
  brain = await startBench({
    endpoints: ["XF", "YJ", "GA", "YL"].map((department) => ({
      ...{ department, url: inbox.url, secret: newSecret() },
    })),
    config: { filing: { automatic: [] }, dispatch: { allowedNetworks: ["127.0.0.0/8"] } },
  });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await brain[Symbol.asyncDispose]();
  await inbox[Symbol.asyncDispose]();
});

beforeEach(async () => {
  complaints = [];
  page = await browser.context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // A refused command is told as a failed request too.
    if (message.type() === "error" && !message.text().includes("409")) {
      complaints.push(message.text());
    }
  });
});

afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

/** A case of its own camera and place, reported a moment ago. */
async function report(code = "FIR.SMOKE", rest: SampleOptions = {}): Promise<CaseDetail> {
  const known = new Set((await getCases(brain, "?limit=200")).items.map(({ id }) => id));
  await sendEvents(brain, [sampleEvent({ code, ...rest })]);
  const list = await eventually(
    () => getCases(brain, "?limit=200"),
    ({ items }) => items.some(({ id }) => !known.has(id)),
  );
  return getCase(brain, list.items.find(({ id }) => !known.has(id))?.id ?? "");
}

const stateOf = async (id: string): Promise<string> => (await getCase(brain, id)).state;
const workOf = (id: string): Promise<CaseWorkView> => getJson(brain, `/v1/cases/${id}/work`);

async function command(id: string, kind: string, rest: object, role: string): Promise<void> {
  const { version, lead } = await getCase(brain, id);
  const as = role === "department" ? { role, id: lead, department: lead } : { role, id: "desk" };
  const body = { expectedVersion: version, command: { kind, ...rest }, as };
  const answer = await post(brain, `/v1/cases/${id}/commands`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
}

async function bringTo(id: string, state: "DISPATCHED" | "HANDLING"): Promise<void> {
  await command(id, "verify", {}, "officer");
  await command(id, "file", { standard: "test" }, "officer");
  await command(id, "dispatch", {}, "dispatcher");
  await eventually(
    () => stateOf(id),
    (now) => now === "DISPATCHED",
  );
  if (state === "HANDLING") {
    await command(id, "accept", {}, "department");
    await command(id, "start", {}, "department");
  }
}

async function open(id: string): Promise<void> {
  await page.goto(`${brain.url}/#/cases/${id}`);
  await page.locator(".actions button").first().waitFor();
  await page.locator(".connection[data-state=live]").waitFor();
}

async function speak(language: "English" | "中文"): Promise<void> {
  await page.getByRole("button", { name: language }).click();
}

describe("an operator with a new S0 incident", () => {
  it("looks, verifies and dispatches with four keys", async () => {
    const reported = await report();
    await page.goto(brain.url);
    await page.locator(`[data-case="${reported.id}"]`).waitFor();
    await page.locator(".connection[data-state=live]").waitFor();
    await page.keyboard.press("n");
    await page.locator("[data-action=verify]").waitFor();
    await page.keyboard.press("v");
    await page.keyboard.press("d");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    expect(await dialog.getByLabel("主责部门").inputValue()).toBe("XF");
    expect(await dialog.getByRole("checkbox", { checked: true }).count()).toBe(3);
    await expectNoSeriousIssue(page);
    await shoot(page, "actions-dispatch-zh");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await eventually(
      () => stateOf(reported.id),
      (state) => state === "DISPATCHED",
    );
    const { tasks } = await getCase(brain, reported.id);
    expect(tasks.map(({ department }) => department as string).toSorted()).toEqual([
      "GA",
      "XF",
      "YJ",
      "YL",
    ]);
    await page.locator(".path [aria-current=step]", { hasText: "派遣" }).waitFor();
    await expectNoSeriousIssue(page);
    await shoot(page, "actions-case-zh");
  });

  it("rejects with a reason, in English, and lists the keys", async () => {
    const { id } = await report("SEC.CROSS");
    await open(id);
    await speak("English");
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.getByText("File and dispatch").waitFor();
    await shoot(page, "actions-keys-en");
    await expectNoSeriousIssue(page);
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
    await page.keyboard.press("x");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio").first().waitFor();
    await page.keyboard.press("Control+Enter");
    await dialog.getByRole("alert").getByText("Fill in: Reason").waitFor();
    await page.keyboard.press("Space");
    await shoot(page, "actions-reject-en");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    expect(await stateOf(id)).toBe("REJECTED");
    await speak("中文");
  });

  it("is told who was first, looks, and may do it all the same", async () => {
    const { id } = await report("SEC.INTRUDE");
    await open(id);
    await page.keyboard.press("x");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio").first().check();
    await command(id, "verify", {}, "officer");
    await dialog.getByRole("button", { name: /提交/ }).click();
    await dialog.getByText("已有人先处理").waitFor();
    expect(await dialog.textContent()).toContain("受理员");
    expect(await dialog.textContent()).toContain("核实");
    await expectNoSeriousIssue(page);
    await shoot(page, "actions-conflict-zh");
    await dialog.getByRole("button", { name: "先看一看" }).click();
    await page.locator(".path [aria-current=step]", { hasText: "核实" }).waitFor();
    await page.keyboard.press("x");
    await dialog.getByRole("radio").first().check();
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    expect(await stateOf(id)).toBe("REJECTED");
  });

  it("shows at once that it works, and sends a lost answer's command again once", async () => {
    const { id } = await report("SEC.INTRUDE");
    await open(id);
    const keys: (string | undefined)[] = [];
    await page.route("**/commands", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      if (keys.length === 1) {
        // Carried out, but the answer is lost on the way.
        await route.fetch();
        await route.abort();
      } else {
        await route.continue();
      }
    });
    const pressedAtMs = performance.now();
    await page.keyboard.press("v");
    await page.locator(".outcome-working").waitFor();
    expect(performance.now() - pressedAtMs).toBeLessThan(SAID_WITHIN_MS);
    await page.getByText("已完成：核实").waitFor();
    expect(keys).toHaveLength(2);
    expect(keys[1]).toBe(keys[0]);
    const { timeline } = await getCase(brain, id);
    expect(timeline.filter(({ kind }) => kind === "verifying")).toHaveLength(1);
    complaints = complaints.filter((text) => !text.includes("ERR_FAILED"));
  });
});

describe("an incident of several alarms", () => {
  it("says why they were joined, in both languages and in the light theme", async () => {
    const place = { lat: 31.2, lon: 121.4 };
    const first = await report("FIR.SMOKE", { place });
    await sendEvents(brain, [sampleEvent({ code: "FIR.SMOKE", cameraId: "cam-2", place })]);
    await open(first.id);
    const joined = page.locator(".card-joined");
    await expect
      .poll(() => joined.textContent(), { timeout: 10_000 })
      .toMatch(/相距 0 米，.*与摄像头 node-1\/cam-1 的 FIR\.SMOKE 相近/);
    await speak("English");
    await page.getByRole("button", { name: "Switch to light" }).click();
    await joined.getByText(/0 m away, .* near FIR\.SMOKE of camera node-1\/cam-1/).waitFor();
    await page.keyboard.press("s");
    await page.getByRole("dialog").waitFor();
    await expectNoSeriousIssue(page);
    await shoot(page, "actions-light-en");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(page.url()).toContain(first.id);
    await expectNoSeriousIssue(page);
    await joined.scrollIntoViewIfNeeded();
    await shoot(page, "actions-joined-light-en");
    await page.getByRole("button", { name: "Switch to dark" }).click();
    await speak("中文");
  });
});

describe("a whistle", () => {
  it("is blown, answered and attended, in sight of its deadline", async () => {
    const { id } = await report();
    await bringTo(id, "HANDLING");
    await open(id);
    await page.keyboard.press("w");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("事由").waitFor();
    await shoot(page, "whistle-form-zh");
    await expectNoSeriousIssue(page);
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await eventually(
      () => workOf(id),
      ({ whistles }) => whistles.length === 1,
    );
    await page.getByRole("link", { name: "打开看板" }).click();
    const party = page.locator(".party").filter({ hasText: "应急" }).first();
    await party.getByRole("button", { name: "应哨" }).click();
    await dialog.waitFor();
    await page.keyboard.press("Control+Enter");
    await dialog.waitFor({ state: "detached" });
    await party.locator("[data-done=true]", { hasText: "应哨" }).waitFor();
    await party.getByRole("button", { name: "作证到场" }).click();
    await dialog.getByRole("textbox").fill("值班长在现场看到");
    await page.keyboard.press("Control+Enter");
    await dialog.waitFor({ state: "detached" });
    await party.getByText("他人作证").waitFor();
    await page.getByRole("button", { name: "显示现场口令" }).click();
    await page.locator(".site-code-words").waitFor();
    await expectNoSeriousIssue(page);
    await shoot(page, "whistle-board-zh");
    await speak("English");
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await shoot(page, "whistle-board-phone-en");
    await speak("中文");
    const [whistle] = (await workOf(id)).whistles;
    const there = whistle?.parties.filter(({ checkedInBy }) => checkedInBy === "attestation");
    expect(there?.map(({ department }) => department as string)).toEqual(["YJ"]);
  });
});

describe("a department's desk", () => {
  it("accepts, starts and reports as handled, with words as evidence", async () => {
    const { id, number } = await report();
    const other = await report("SEC.CROSS");
    await bringTo(id, "DISPATCHED");
    await bringTo(other.id, "DISPATCHED");
    await page.goto(`${brain.url}/#/desk`);
    await page.getByRole("combobox", { name: "部门" }).selectOption("XF");
    const task = page.locator(".desk-task").filter({ hasText: number });
    await task.locator(".desk-head").click();
    expect(await page.locator(".desk-task", { hasText: other.number }).count()).toBe(0);
    await page.locator("[data-action=accept]").waitFor();
    await expectNoSeriousIssue(page);
    await shoot(page, "desk-zh");
    await page.keyboard.press("a");
    await page.locator("[data-action=start]").waitFor();
    await page.keyboard.press("g");
    await page.locator("[data-action=handle]").waitFor();
    await page.keyboard.press("h");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").fill("明火已扑灭，现场已清理");
    await page.keyboard.press("Control+Enter");
    await dialog.waitFor({ state: "detached" });
    expect(await stateOf(id)).toBe("HANDLED");
    await speak("English");
    await shoot(page, "desk-en");
    await speak("中文");
  });
});
