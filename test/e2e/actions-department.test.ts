/** A department's person, signed in, at the desk and on the site with a phone. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CaseDetail, CaseList, CaseWorkView } from "../../protocol/index.ts";
import {
  type AccountsBench,
  type Person,
  startAccountsBench,
} from "../contract/brain/accounts-bench.ts";
import { eventually, newSecret, sendEvents } from "../contract/brain/brain-bench.ts";
import { type Inbox, startInbox } from "../contract/brain/casework-bench.ts";
import { sampleEvent } from "../contract/brain/sample-event.ts";
import { type Browser, openBrowser } from "../support/browser.ts";
import { buildPage } from "../support/console-page.ts";
import { expectNoSeriousIssue, shoot } from "../support/page-checks.ts";

let inbox: Inbox;
let bench: AccountsBench;
let browser: Browser;
let room: Person;
let fire: Person;

beforeAll(async () => {
  buildPage();
  inbox = await startInbox();
  bench = await startAccountsBench({
    endpoints: ["XF", "YJ", "GA", "YL"].map((department) => ({
      ...{ department, url: inbox.url, secret: newSecret() },
    })),
    config: { filing: { automatic: [] }, dispatch: { allowedNetworks: ["127.0.0.0/8"] } },
  });
  room = await bench.person("room", { roles: ["operator", "dispatcher", "supervisor"] });
  fire = await bench.person("fire", { roles: ["department"], department: "XF" });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await bench[Symbol.asyncDispose]();
  await inbox[Symbol.asyncDispose]();
});

async function get<T>(address: string): Promise<T> {
  const answer = await bench.request("GET", address, { as: room });
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}

const caseOf = (id: string): Promise<CaseDetail> => get(`/v1/cases/${id}`);
const workOf = (id: string): Promise<CaseWorkView> => get(`/v1/cases/${id}/work`);

async function post(address: string, body: object): Promise<void> {
  const headers = { "idempotency-key": crypto.randomUUID() };
  const answer = await bench.request("POST", address, { as: room, body, headers });
  expect(answer.status, await answer.clone().text()).toBe(200);
}

async function command(id: string, command_: object, role: string): Promise<void> {
  const { version, lead } = await caseOf(id);
  const as = { role, id: room.id, ...(role === "department" && { department: lead }) };
  await post(`/v1/cases/${id}/commands`, { expectedVersion: version, command: command_, as });
}

/** A case that its lead has been sent. */
async function dispatched(code: string): Promise<CaseDetail> {
  const list = (): Promise<CaseList> => get("/v1/cases?limit=200");
  const known = new Set((await list()).items.map(({ id }) => id));
  await sendEvents(bench.brain, [sampleEvent({ code })]);
  const { items } = await eventually(list, (now) => now.items.some(({ id }) => !known.has(id)));
  const id = items.find((item) => !known.has(item.id))?.id ?? "";
  await command(id, { kind: "file", standard: "test" }, "officer");
  await command(id, { kind: "dispatch" }, "dispatcher");
  return eventually(
    () => caseOf(id),
    ({ state }) => state === "DISPATCHED",
  );
}

async function enter(person: Person, hash: string): Promise<Page> {
  const [name = "", value = ""] = person.headers.cookie.split("=");
  await browser.context.clearCookies();
  await browser.context.addCookies([{ name, value, url: bench.brain.url }]);
  const page = await browser.context.newPage();
  await page.goto(`${bench.brain.url}/${hash}`);
  return page;
}

describe("a department's person", () => {
  it("finds the own tasks only, returns one with a reason and accepts another", async () => {
    const first = await dispatched("FIR.SMOKE");
    const second = await dispatched("FIR.SMOKE");
    const other = await dispatched("SEC.CROSS");
    const page = await enter(fire, "#/desk");
    const task = (item: CaseDetail) => page.locator(".desk-task", { hasText: item.number });
    await task(first).locator(".desk-head").click();
    expect(await task(other).count()).toBe(0);
    expect(await page.getByRole("combobox", { name: "部门" }).count()).toBe(0);
    await page.locator("[data-action=return]").waitFor();
    await page.keyboard.press("b");
    await page.getByRole("dialog").getByRole("textbox").fill("不在本队辖区");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await task(second).locator(".desk-head").click();
    await page.locator("[data-action=accept]").waitFor();
    await page.keyboard.press("a");
    await page.locator("[data-action=start]").waitFor();
    await expectNoSeriousIssue(page);
    expect((await caseOf(first.id)).state).toBe("RETURNED");
    expect((await caseOf(second.id)).state).toBe("ACCEPTED");
    await page.close();
  });

  it("answers a whistle on a phone, checks in by place and feeds back", async () => {
    const { id, lead, location } = await dispatched("SEC.CROSS");
    expect(lead).toBe("GA");
    await command(id, { kind: "accept" }, "department");
    await command(id, { kind: "start" }, "department");
    const { version } = await caseOf(id);
    await post("/v1/whistles", {
      caseId: id,
      expectedVersion: version,
      whistle: {
        ...{ kind: "emergency", subject: "翻越者受伤" },
        parties: [{ department: "XF", required: true }],
      },
      as: { role: "dispatcher", id: room.id },
    });
    const { lat: latitude, lon: longitude } = location;
    await browser.context.grantPermissions(["geolocation"], { origin: bench.brain.url });
    await browser.context.setGeolocation({ latitude, longitude, accuracy: 20 });
    const page = await enter(fire, "#/whistles");
    await page.setViewportSize({ width: 390, height: 844 });
    const own = page.locator(".party[data-own=true]");
    const send = async (name: string, words?: string): Promise<void> => {
      await own.getByRole("button", { name, exact: true }).click();
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      if (words !== undefined) {
        await dialog.getByRole("textbox").fill(words);
      }
      await page.keyboard.press("Control+Enter");
      await dialog.waitFor({ state: "detached" });
    };
    await send("应哨");
    await own.getByRole("button", { name: "按位置签到" }).waitFor();
    await expectNoSeriousIssue(page);
    await shoot(page, "whistle-own-phone-zh");
    await send("按位置签到");
    await own.getByText("按位置签到", { exact: false }).waitFor();
    const [whistle] = (await workOf(id)).whistles;
    await post(`/v1/whistles/${whistle?.id ?? ""}/commands`, {
      command: { kind: "consult", opinion: "先救人" },
      as: { role: "dispatcher", id: room.id },
    });
    await send("认领措施", "担架与急救");
    await send("反馈结果", "伤者已送医");
    const after = await eventually(
      () => workOf(id),
      ({ state }) => state === "HANDLING",
    );
    expect(after.whistles[0]?.state).toBe("DONE");
    expect(after.whistles[0]?.parties[0]).toMatchObject({ checkedInBy: "place", distanceM: 0 });
    await page.close();
  });
});
