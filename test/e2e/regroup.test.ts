/** Merging and splitting by hand, notes and silences, by keyboard, against a whole brain. */
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CaseDetail, CaseWorkView, SilenceList } from "../../protocol/index.ts";
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
const picture = Buffer.from("not looked at");

let inbox: Inbox;
let brain: BrainBench;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  buildPage();
  inbox = await startInbox();
  brain = await startBench({
    endpoints: ["GA", "XF"].map((department) => ({
      ...{ department, url: inbox.url, secret: newSecret() },
    })),
    config: { filing: { automatic: [] }, dispatch: { allowedNetworks: ["127.0.0.0/8"] } },
  });
  browser = await openBrowser();
}, 120_000);

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
    if (message.type() === "error" && !/40[49]|422/.test(message.text())) {
      complaints.push(message.text());
    }
  });
});

afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

let far = 0;
/** Too far from any other to be joined by itself. */
const somewhere = () => ({ lat: 30 + (far += 1), lon: 110 });
const beside = ({ lat, lon }: { lat: number; lon: number }, metres: number) => ({
  lat: lat + metres / 111_000,
  lon,
});

async function report(rest: SampleOptions): Promise<CaseDetail> {
  const known = new Set((await getCases(brain, "?limit=200")).items.map(({ id }) => id));
  await sendEvents(brain, [sampleEvent({ code: "SEC.FIGHT", ...rest })]);
  const list = await eventually(
    () => getCases(brain, "?limit=200"),
    ({ items }) => items.some(({ id }) => !known.has(id)),
  );
  return getCase(brain, list.items.find(({ id }) => !known.has(id))?.id ?? "");
}

async function open(id: string): Promise<void> {
  await page.goto(`${brain.url}/#/cases/${id}`);
  await page.locator(".actions button").first().waitFor();
  await page.locator(".connection[data-state=live]").waitFor();
}

async function speak(language: "English" | "中文"): Promise<void> {
  await page.getByRole("button", { name: language }).click();
}

const dialog = (): Locator => page.getByRole("dialog");

/** Holds the brain's answer back, so that what is said meanwhile can be seen. */
async function slowly(path: string): Promise<void> {
  await page.route(path, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 600));
    await route.continue();
  });
}

async function expectSaidAtOnce(press: () => Promise<void>): Promise<void> {
  await press();
  const pressedAtMs = performance.now();
  await page.locator(".outcome-working").waitFor();
  expect(performance.now() - pressedAtMs).toBeLessThan(SAID_WITHIN_MS);
}

describe("an operator who knows that two are one", () => {
  it("merges with a case near by, by keyboard, and both timelines say so", async () => {
    const place = somewhere();
    const first = await report({ place });
    const second = await report({ place: beside(place, 400) });
    await open(second.id);
    await page.keyboard.press("m");
    await dialog().getByText("找到 1 个案卷").waitFor();
    await dialog().getByLabel("与之并案的案卷").selectOption({ value: first.id });
    await dialog().getByLabel("理由").fill("同一起斗殴");
    await expectNoSeriousIssue(page);
    await shoot(page, "regroup-merge-zh");
    await slowly("**/merge");
    await expectSaidAtOnce(() => page.keyboard.press("Control+Enter"));
    await dialog().waitFor({ state: "detached" });
    await page.getByText(`已并案，保留 ${first.number}`).waitFor();
    expect((await getCase(brain, second.id)).state).toBe("MERGED");
    await page.locator(".card-joined").getByText(`本案并入 ${first.number}`).waitFor();
    await page.locator(".card-joined").getByRole("link").first().click();
    await page.locator(".card-joined").getByText(`案卷 ${second.number} 并入本案`).waitFor();
    await page.locator(".card-timeline").getByText("同一起斗殴").waitFor();
    await expectNoSeriousIssue(page);
    await shoot(page, "regroup-merged-zh");
  });

  it("finds one by its number, and sees who was first", async () => {
    const one = await report({ place: somewhere() });
    const two = await report({ place: somewhere() });
    await open(one.id);
    await speak("English");
    await page.keyboard.press("m");
    await dialog().getByText("No open case was found.").waitFor();
    await dialog().getByLabel("Find by number").fill(two.number.slice(-6));
    await dialog().getByText("Cases found: 1").waitFor();
    await dialog().getByLabel("Merge with").selectOption({ value: two.id });
    await dialog().getByLabel("Keep this case").check();
    await dialog().getByLabel("Reason").fill("the same people");
    const verify = { expectedVersion: two.version, command: { kind: "verify" } };
    await post(brain, `/v1/cases/${two.id}/commands`, verify);
    await page.keyboard.press("Control+Enter");
    await dialog().getByText("Somebody was first").waitFor();
    expect(await dialog().textContent()).toContain("the intake desk verifies it");
    await expectNoSeriousIssue(page);
    await shoot(page, "regroup-conflict-en");
    await dialog().getByRole("button", { name: "Look first" }).click();
    await dialog().getByText("Verifying").waitFor({ state: "attached" });
    await dialog().getByRole("button", { name: /Send/ }).click();
    await dialog().waitFor({ state: "detached" });
    expect((await getCase(brain, two.id)).state).toBe("MERGED");
    await speak("中文");
  });
});

describe("an operator who knows that one is two", () => {
  it("splits the chosen alarm off with a reason, by keyboard", async () => {
    const place = somewhere();
    const whole = await report({ place });
    const other = sampleEvent({ code: "SEC.FIGHT", cameraId: "cam-2", place: beside(place, 20) });
    await sendEvents(brain, [other]);
    await eventually(
      () => getCase(brain, whole.id),
      ({ eventCount }) => eventCount === 2,
    );
    await open(whole.id);
    await page.keyboard.press("2");
    await dialog()
      .getByLabel(/Camera cam-2/)
      .waitFor();
    await page.keyboard.press("Control+Enter");
    await dialog().getByRole("alert").getByText("另属一事的告警").waitFor();
    await dialog()
      .getByLabel(/Camera cam-2/)
      .check();
    await dialog().getByLabel("理由").fill("街对面的另一起");
    await expectNoSeriousIssue(page);
    await shoot(page, "regroup-split-zh");
    await slowly("**/split");
    await expectSaidAtOnce(() => page.keyboard.press("Control+Enter"));
    await dialog().waitFor({ state: "detached" });
    await page.getByText(/已拆分，新案卷/).waitFor();
    expect((await getCase(brain, whole.id)).eventCount).toBe(1);
    await speak("English");
    await page
      .locator(".card-joined")
      .getByText(/was split off/)
      .waitFor();
    await page.locator(".card-joined").getByRole("link").first().click();
    await page.locator(".card-joined").getByText(`This was split off ${whole.number}`).waitFor();
    await expectNoSeriousIssue(page);
    await shoot(page, "regroup-split-off-en");
    await speak("中文");
  });
});

describe("a whistle that needs more hands", () => {
  it("calls a further department, whose time counts from then", async () => {
    const { id } = await report({ place: somewhere() });
    const lead = { role: "department", id: "GA", department: "GA" };
    for (const [kind, rest, as] of [
      ["file", { standard: "test" }, { role: "officer", id: "desk" }],
      ["dispatch", { means: "telephone" }, { role: "dispatcher", id: "desk" }],
      ["accept", {}, lead],
      ["start", {}, lead],
    ] as const) {
      const { version } = await getCase(brain, id);
      const body = { expectedVersion: version, command: { kind, ...rest }, as };
      const answer = await post(brain, `/v1/cases/${id}/commands`, body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    }
    const { version } = await getCase(brain, id);
    const parties = [{ department: "GA", required: true }];
    const whistle = { kind: "emergency", subject: "clear the square", parties };
    await post(brain, "/v1/whistles", { caseId: id, expectedVersion: version, whistle });
    await page.goto(`${brain.url}/#/whistles/${id}`);
    await page.getByRole("button", { name: "追加召集" }).click();
    await dialog().getByText("新召集的部门从现在起计时").waitFor();
    await dialog().getByRole("combobox").first().selectOption("required");
    const called = await dialog().locator(".parties-choice label").first().textContent();
    await dialog().getByLabel("理由").fill("发现易燃物");
    await expectNoSeriousIssue(page);
    await shoot(page, "whistle-summon-zh");
    await slowly("**/commands");
    await expectSaidAtOnce(() => page.keyboard.press("Control+Enter"));
    await dialog().waitFor({ state: "detached" });
    await expect.poll(() => page.locator(".party").count()).toBe(2);
    expect(called).not.toBe("");
    await speak("English");
    await expectNoSeriousIssue(page);
    await shoot(page, "whistle-summoned-en");
    const work = await getJson<CaseWorkView>(brain, `/v1/cases/${id}/work`);
    const [first, second] = work.whistles[0]?.parties ?? [];
    expect(Date.parse(second?.dueAt ?? "")).toBeGreaterThan(Date.parse(first?.dueAt ?? ""));
    await speak("中文");
  });
});

describe("notes and evidence of a case", () => {
  it("are written by keyboard and shown, with what the checksum says", async () => {
    const sha256 = "ab".repeat(32);
    const found = await report({
      place: somewhere(),
      evidence: [{ sha256, bytes: picture.length }],
    });
    await open(found.id);
    await page.keyboard.press("+");
    await dialog().getByLabel("内容").fill("报警人再次来电");
    await slowly("**/notes");
    await expectSaidAtOnce(() => page.keyboard.press("Control+Enter"));
    await dialog().waitFor({ state: "detached" });
    await page.locator(".card-notes").getByText("报警人再次来电").waitFor();
    await page.locator(".card-evidence").getByText("已预告，等待上传").waitFor();
    await page.locator(".card-evidence").scrollIntoViewIfNeeded();
    await expectNoSeriousIssue(page);
    await shoot(page, "regroup-notes-evidence-zh");
  });
});

describe("a supervisor who silences a grid", () => {
  it("says why and until when, sees what it keeps back and its mark, and ends it", async () => {
    const marked = await report({
      code: "SEC.CROSS",
      place: somewhere(),
    });
    await page.goto(`${brain.url}/#/admin/silences`);
    await page.getByText("新建静默").first().click();
    await page.getByLabel("事件类型").selectOption("SEC.CROSS");
    await page.getByLabel("原因").fill("道路施工");
    await expectNoSeriousIssue(page);
    await shoot(page, "silence-form-zh");
    await page.getByRole("button", { name: "新建静默" }).click();
    const row = page.getByRole("row").filter({ hasText: "道路施工" });
    await row.getByText("生效中").waitFor();
    await sendEvents(brain, [sampleEvent({ code: "SEC.CROSS", place: somewhere() })]);
    await eventually(
      () => getJson<SilenceList>(brain, "/v1/silences"),
      ({ items }) => items[0]?.suppressed.alarms === 1,
    );
    await page.reload();
    await row.getByText("1 个告警，1 条消息").waitFor();
    await speak("English");
    await row.getByText("Alarms: 1, messages: 1").waitFor();
    await expectNoSeriousIssue(page);
    await shoot(page, "silence-list-en");
    await open(marked.id);
    await page.locator(`[data-case="${marked.id}"] .mark-silenced`).waitFor();
    await page.locator(".detail-head .mark-silenced").waitFor();
    await expectNoSeriousIssue(page);
    await shoot(page, "silence-mark-en");
    await page.goto(`${brain.url}/#/admin/silences`);
    page.on("dialog", (asked) => void asked.accept());
    await row.getByRole("button", { name: /End now/ }).click();
    await row.getByText("Ended early").waitFor();
    await speak("中文");
  });

  it("silences danger to life by a second word only", async () => {
    const asked: string[] = [];
    page.on("dialog", (box) => {
      asked.push(box.message());
      void (asked.length === 1 ? box.dismiss() : box.accept());
    });
    await page.goto(`${brain.url}/#/admin/silences`);
    await page.getByText("新建静默").first().click();
    await page.getByLabel("事件类型").selectOption("FIR.SMOKE");
    await page.getByLabel("原因").fill("烟雾测试");
    const send = page.getByRole("button", { name: "新建静默" });
    await send.click();
    await page.getByRole("alert").getByText(/.+/).waitFor();
    await page.getByLabel("连同生命安全（S0）告警一起静默").check();
    await send.click();
    await expect.poll(() => asked.length).toBe(1);
    expect((await getJson<SilenceList>(brain, "/v1/silences?show=current")).items).toEqual([]);
    await send.click();
    await page.getByRole("row").filter({ hasText: "烟雾测试" }).getByText("含 S0").waitFor();
  });
});
