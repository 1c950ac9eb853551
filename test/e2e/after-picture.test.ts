/** A department's person takes a photo on a phone; the checker sees before and after, and it closes. */
import { createHash } from "node:crypto";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CaseDetail, CaseList } from "../../protocol/index.ts";
import {
  type AccountsBench,
  type Person,
  startAccountsBench,
} from "../contract/brain/accounts-bench.ts";
import { eventually, newSecret, sendEvents, signedHeaders } from "../contract/brain/brain-bench.ts";
import { type Inbox, startInbox } from "../contract/brain/casework-bench.ts";
import { sampleEvent } from "../contract/brain/sample-event.ts";
import { type Browser, openBrowser } from "../support/browser.ts";
import { buildPage } from "../support/console-page.ts";
import { expectNoSeriousIssue, shoot } from "../support/page-checks.ts";

let inbox: Inbox;
let bench: AccountsBench;
let browser: Browser;
let fire: Person;
let room: Person;
let checker: Person;

beforeAll(async () => {
  buildPage();
  inbox = await startInbox();
  bench = await startAccountsBench({
    endpoints: ["XF", "YJ", "GA", "YL"].map((department) => ({
      ...{ department, url: inbox.url, secret: newSecret() },
    })),
  });
  room = await bench.person("room", { roles: ["operator", "dispatcher", "supervisor"] });
  checker = await bench.person("checker", { roles: ["checker", "operator"] });
  fire = await bench.person("fire", { roles: ["department"], department: "XF" });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await bench[Symbol.asyncDispose]();
  await inbox[Symbol.asyncDispose]();
});

const paint = (background: string): Promise<Buffer> =>
  sharp({ create: { width: 1_280, height: 960, channels: 3, background } })
    .jpeg()
    .toBuffer();

async function get<T>(address: string): Promise<T> {
  const answer = await bench.request("GET", address, { as: room });
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}
const caseOf = (id: string): Promise<CaseDetail> => get(`/v1/cases/${id}`);

/** Smoke, with the camera's picture, on the fire brigade's desk and in its hands. */
async function workingCase(): Promise<CaseDetail> {
  const before = await paint("#803030");
  const sha256 = createHash("sha256").update(before).digest("hex");
  await sendEvents(bench.brain, [
    sampleEvent({ code: "FIR.SMOKE", evidence: [{ sha256, bytes: before.length }] }),
  ]);
  await fetch(`${bench.brain.url}/v1/evidence/${sha256}`, {
    method: "PUT",
    body: before,
    headers: {
      "content-type": "image/jpeg",
      ...signedHeaders(sha256, { sender: "node-1", secret: bench.brain.nodeSecret }),
    },
  });
  const { items } = await eventually(
    () => get<CaseList>("/v1/cases"),
    (list) => list.items[0]?.state === "DISPATCHED",
  );
  const id = items[0]?.id ?? "";
  for (const kind of ["accept", "start"]) {
    const { version } = await caseOf(id);
    const answer = await bench.request("POST", `/v1/cases/${id}/commands`, {
      as: fire,
      headers: { "idempotency-key": crypto.randomUUID() },
      body: { expectedVersion: version, command: { kind } },
    });
    expect(answer.status, await answer.clone().text()).toBe(200);
  }
  return caseOf(id);
}

async function enter(person: Person, hash: string, width: number, height: number): Promise<Page> {
  const [name = "", value = ""] = person.headers.cookie.split("=");
  await browser.context.clearCookies();
  await browser.context.addCookies([{ name, value, url: bench.brain.url }]);
  const page = await browser.context.newPage();
  await page.setViewportSize({ width, height });
  await page.goto(`${bench.brain.url}/${hash}`);
  return page;
}

/** Asked in the browser: 0 until the picture has come. */
const widthOf = (index: number): string =>
  `document.querySelectorAll(".before-after img")[${index}].naturalWidth`;

describe("a photo of the work done", () => {
  it("is taken on a phone over a bad network, compared by the checker, and closes the case", async () => {
    const { id, number } = await workingCase();
    const phone = await enter(fire, "#/desk", 360, 740);
    const task = phone.locator(".desk-task", { hasText: number });
    await task.locator(".desk-head").click();
    await phone.locator("[data-action=handle]").click();
    const dialog = phone.getByRole("dialog");
    // The first attempt breaks off on its way.
    let broken = 0;
    await phone.route("**/evidence?*", (route) => {
      broken += 1;
      return broken === 1 ? route.abort("connectionreset") : route.continue();
    });
    const photo = { name: "after.jpg", mimeType: "image/jpeg", buffer: await paint("#307040") };
    await dialog.locator("input[type=file]").setInputFiles(photo);
    await dialog.getByText("上传中断，可重试。").waitFor();
    await phone.keyboard.press("Control+Enter");
    await dialog.getByRole("alert").waitFor();
    await dialog.getByRole("button", { name: "重试" }).click();
    await dialog.getByText("已上传", { exact: true }).waitFor();
    const width = await phone.evaluate<number>("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(360);
    await expectNoSeriousIssue(phone);
    await shoot(phone, "after-picture-phone-zh");
    await phone.keyboard.press("Control+Enter");
    await dialog.waitFor({ state: "detached" });
    const handled = await caseOf(id);
    expect(handled.state).toBe("HANDLED");
    expect(handled.afterPictures).toMatchObject([{ actor: "department:XF", state: "stored" }]);
    await phone.close();

    const desk = await enter(checker, `#/cases/${id}`, 1_366, 900);
    const pair = desk.locator(".before-after img");
    await pair.nth(1).waitFor();
    const boxes = await Promise.all([pair.nth(0).boundingBox(), pair.nth(1).boundingBox()]);
    expect(boxes[1]?.x).toBeGreaterThan((boxes[0]?.x ?? 0) + (boxes[0]?.width ?? 0) - 1);
    for (const index of [0, 1]) {
      await pair.nth(index).scrollIntoViewIfNeeded();
      await expect.poll(() => desk.evaluate<number>(widthOf(index))).toBeGreaterThan(0);
    }
    await expectNoSeriousIssue(desk);
    await shoot(desk, "after-picture-checker-zh");
    await desk.locator("[data-action=check]").click();
    await desk.locator("[data-action=pass]").click();
    await desk.keyboard.press("Control+Enter");
    await desk.getByRole("dialog").waitFor({ state: "detached" });
    await desk.locator("[data-action=close]").click();
    await desk.keyboard.press("Control+Enter");
    await eventually(
      () => caseOf(id),
      ({ state }) => state === "CLOSED",
    );
    await desk.close();
  }, 60_000);
});

describe("a hold", () => {
  it("is placed, shown and released by a supervisor, and only shown to others", async () => {
    const { id } = await workingCase();
    const desk = await enter(room, `#/cases/${id}`, 1_366, 900);
    const hold = desk.locator(".hold");
    await hold.getByRole("button", { name: "保全…" }).click();
    const dialog = desk.getByRole("dialog");
    // Nothing is sent without a reason.
    await desk.keyboard.press("Control+Enter");
    await dialog.getByRole("alert").waitFor();
    await dialog.getByRole("textbox", { name: "理由" }).fill("法院调取 17/2026");
    await expectNoSeriousIssue(desk);
    await shoot(desk, "hold-dialog-zh");
    await desk.keyboard.press("Control+Enter");
    await dialog.waitFor({ state: "detached" });
    await hold.getByText("法院调取 17/2026").waitFor();
    expect((await caseOf(id)).hold).toMatchObject({ reason: "法院调取 17/2026" });
    await hold.scrollIntoViewIfNeeded();
    await shoot(desk, "hold-zh");

    const other = await enter(checker, `#/cases/${id}`, 1_366, 900);
    await other.locator(".hold").getByText("法院调取 17/2026").waitFor();
    expect(await other.locator(".hold button").count()).toBe(0);
    await other.close();
    await desk.close();

    const again = await enter(room, `#/cases/${id}`, 1_366, 900);
    await again.locator(".hold").getByRole("button", { name: "解除保全…" }).click();
    await again.getByRole("dialog").getByRole("textbox").fill("已结案");
    await again.keyboard.press("Control+Enter");
    await again.locator(".hold").getByText("未保全").waitFor();
    expect((await caseOf(id)).hold).toBeNull();
    await again.close();
  }, 60_000);
});
