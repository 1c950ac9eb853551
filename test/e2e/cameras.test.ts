/** Cameras and rules in a real browser: a real brain, and a node that signs and answers. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import {
  type CameraPlan,
  type CameraScene,
  formatTime,
  type NodeOrder,
  type PlanState,
  type RuleTest,
} from "../../protocol/index.ts";
import { startBench, type BrainBench } from "../contract/brain/brain-bench.ts";
import { fakeNode, sceneOf, sha256Of, stateOf } from "../contract/brain/node-bench.ts";
import { openBrowser, type Browser } from "../support/browser.ts";
import { buildPage } from "../support/console-page.ts";
import { drawSnapshot } from "../support/fake-brain/picture.ts";

/** Set to a folder, it keeps what the page looks like. */
const PICTURES = process.env["SESB_SCREENSHOTS"];
const CAMERA = "#/cameras/node-1~cam-1";

let bench: BrainBench;
let browser: Browser;
let page: Page;
let node: Awaited<ReturnType<typeof runNode>>;
let complaints: string[];

/** Takes plans over, gives pictures, and tests rules, until it is stopped. */
async function runNode(url: string, secret: string) {
  const node = fakeNode({ url, secret });
  const stopped = new AbortController();
  const seen: { plan: CameraPlan | null; refuse: boolean } = { plan: null, refuse: false };
  let state: PlanState = stateOf();
  let scene: CameraScene = sceneOf();
  await node.beat();
  await node.next({ scenes: [scene] });
  const take = (plan: CameraPlan): readonly CameraScene[] => {
    seen.plan = plan;
    if (seen.refuse) {
      const problem = {
        code: "PLAN_INVALID" as const,
        message: "The zone lies behind a mask",
        where: "rules[0].zone",
      };
      state = { ...state, refused: { version: plan.version, problem } };
      return [];
    }
    const { version, analysed, paused, rules } = plan;
    state = stateOf(version);
    scene = { ...scene, analysed, paused, rules: rules ?? scene.fileRules };
    return [scene];
  };
  const settle = async (order: NodeOrder): Promise<void> => {
    if (order.kind === "snapshot") {
      const picture = await drawSnapshot(3);
      await node.upload(picture);
      const capturedAt = formatTime(Date.now());
      const sha256 = sha256Of(picture) as never;
      await node.settle(order, {
        outcome: "snapshot",
        sha256,
        width: 960,
        height: 540,
        capturedAt,
      });
    } else {
      await node.settle(order, { outcome: "tested", test: testResult() });
    }
  };
  const run = async (): Promise<void> => {
    let scenes: readonly CameraScene[] = [];
    while (!stopped.signal.aborted) {
      const answer = await node.next({ plans: [state], scenes: [...scenes], waitMs: 300 });
      scenes = answer.plans.filter(({ camera }) => camera === "cam-1").flatMap(take);
      for (const order of answer.orders) {
        await settle(order);
      }
      await node.beat();
    }
  };
  const running = run().catch((error: unknown) => {
    if (!stopped.signal.aborted) {
      throw error;
    }
  });
  return {
    seen,
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

function testResult(): RuleTest {
  const at = (seconds: number): string => formatTime(Date.now() - 1000 * seconds);
  const alarm = (id: string, from: number, to: number) => ({
    id: id as never,
    onset: at(from) as never,
    ended: at(to) as never,
    box: { left: 0.42, top: 0.4, width: 0.08, height: 0.3 },
  });
  return {
    from: at(600),
    to: at(0),
    looks: 3000,
    incomplete: ["schedule"],
    tracks: 14,
    alarms: [
      alarm("0198c0de-0000-7000-8000-000000000001", 500, 470),
      alarm("0198c0de-0000-7000-8000-000000000002", 120, 80),
    ],
    alarmCount: 2,
    footprints: Array.from({ length: 60 }, (_, index) => [
      0.2 + index / 100,
      0.6 + Math.sin(index / 6) / 8,
    ]),
  };
}

beforeAll(async () => {
  buildPage();
  bench = await startBench({ endpoints: [] });
  node = await runNode(bench.url, bench.nodeSecret);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await node.stop();
  await bench[Symbol.asyncDispose]();
});

beforeEach(async () => {
  complaints = [];
  page = await browser.context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(message.text());
    }
  });
  await page.setViewportSize({ width: 1366, height: 768 });
});
afterEach(() => page.close());

async function keep(name: string, fullPage = false): Promise<void> {
  if (PICTURES !== undefined) {
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage });
  }
}

async function seriousFindings(): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`);
}

async function open(address: string, language: "zh" | "en" = "zh"): Promise<void> {
  await page.goto(`${bench.url}/${address}`);
  await page.locator(".connection[data-state=live]").waitFor();
  await page.getByRole("button", { name: language === "zh" ? "中文" : "English" }).click();
}

const rule = (id: string): Locator => page.locator(".rule").filter({ hasText: id });
const scroll = (): Promise<number> => page.evaluate("document.documentElement.scrollWidth");

it("lists cameras with their health, finds them, and goes by keys", async () => {
  await open("#/cameras");
  const row = page.locator(".camera-row").filter({ hasText: "node-1/cam-1" });
  await row.getByText("正常", { exact: true }).waitFor();
  expect(await row.textContent()).toMatch(/在线.*已分析20.*丢帧80/s);
  expect(await seriousFindings()).toEqual([]);
  await keep("cameras-zh");
  await page.keyboard.press("/");
  await page.keyboard.type("cam-1");
  await page.keyboard.press("Escape");
  await page.locator(".camera-row").nth(1).waitFor({ state: "detached" });
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 2, name: "Camera cam-1" }).waitFor();
  expect(complaints).toEqual([]);
});

it("draws a zone with the mouse and moves it with the keys, tests it and puts it live", async () => {
  await open(CAMERA);
  await page.getByRole("button", { name: "取当前画面" }).click();
  await page.locator(".scene img").waitFor();
  await page.getByRole("button", { name: "新增规则" }).click();
  await page.getByLabel("种类").selectOption("loitering");
  const box = await page.locator(".drawing-layer").boundingBox();
  if (box === null) {
    throw new Error("expected a place to draw");
  }
  const at = (x: number, y: number): readonly [number, number] => [
    box.x + box.width * x,
    box.y + box.height * y,
  ];
  await page.mouse.click(...at(0.4, 0.4));
  await page.mouse.click(...at(0.7, 0.4));
  await page.mouse.dblclick(...at(0.7, 0.8));
  await page.locator(".drawing-layer[data-open=false]").waitFor();
  expect(await page.locator(".corner").count()).toBe(3);
  await page.mouse.move(...at(0.7, 0.8));
  await page.mouse.down();
  await page.mouse.move(...at(0.6, 0.7), { steps: 3 });
  await page.mouse.up();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("ArrowRight");
  await expect
    .poll(() => page.locator(".corner").nth(2).getAttribute("aria-label"))
    .toMatch(/距左 60\.\d+%，距上 7[45]/);
  await page.keyboard.press("Insert");
  await page.locator(".corner").nth(3).waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".corner").nth(3).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "用录下的轨迹测试" }).click();
  await page.getByText("会告警 2 次").waitFor();
  expect(await page.locator(".strip-alarm").count()).toBe(2);
  expect(await page.locator(".footprint").count()).toBe(60);
  expect(await seriousFindings()).toEqual([]);
  await keep("camera-editor-zh", true);
  await page.getByRole("button", { name: "上线…" }).click();
  await page.getByLabel("原因（记入历史和审计）").fill("夜间有人滞留");
  await page.getByRole("button", { name: "立即上线" }).click();
  await page.getByText("方案 1 已交给节点").waitFor();
  await page.locator(".camera-head").getByText("运行中：方案 1").waitFor();
  expect(node.seen.plan?.rules?.map(({ kind }) => kind)).toEqual(["zone-intrusion", "loitering"]);
  await page.locator(".table-card").getByText("夜间有人滞留").waitFor();
  await keep("camera-zh", true);
  expect(complaints).toEqual([]);
});

it("draws a line by keys alone, without a picture, and names its sides", async () => {
  await open("#/cameras", "en");
  await page.getByRole("link", { name: "Camera cam-1" }).click();
  await page.getByRole("button", { name: "New rule" }).click();
  await page.getByLabel("Kind").selectOption("line-crossing");
  await page.getByRole("button", { name: "Place a shape to start with" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".side-name", { hasText: "Left" }).waitFor();
  await page.locator(".corner").first().focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowUp");
  await page.locator("[aria-live=polite]", { hasText: "49.5 % from the top" }).waitFor();
  await page.getByLabel("Corner 1 from the left, per cent").fill("12.5");
  await page.getByLabel("Direction", { exact: true }).selectOption("left-to-right");
  expect(await page.locator(".drawing-layer .arrow").count()).toBe(1);
  expect(await seriousFindings()).toEqual([]);
  await keep("camera-line-en", true);
  await page.locator(".pages a", { hasText: "Figures" }).click();
  await page.getByRole("heading", { name: "The draft is not live" }).waitFor();
  await page.getByRole("button", { name: "Stay here" }).click();
  await page.evaluate("history.back()");
  await page.getByRole("button", { name: "Stay here" }).click();
  await page.getByRole("button", { name: "Discard the draft" }).click();
  expect(complaints).toEqual([]);
});

it("pauses a rule in two clicks, and stops one camera and all of them with a reason", async () => {
  await open(CAMERA);
  await rule("yard").getByRole("button", { name: /暂停/ }).click();
  await page.locator("dialog").getByRole("button", { name: "暂停", exact: true }).click();
  await rule("yard").getByText("已暂停").waitFor();
  await expect.poll(() => node.seen.plan?.paused).toEqual(["yard"]);
  await open("#/cameras");
  await page.getByRole("button", { name: "停止全部分析…" }).click();
  await page.getByRole("button", { name: "停止全部 2 路的分析" }).click();
  await page.getByText("请写明原因").waitFor();
  await page.getByRole("button", { name: "保护隐私" }).click();
  await keep("camera-stop-zh");
  await page.getByRole("button", { name: "停止全部 2 路的分析" }).click();
  await page.getByText("已停止 2 路摄像头的分析").waitFor();
  await expect.poll(() => node.seen.plan?.analysed).toBe(false);
  await page.getByRole("button", { name: "恢复全部分析…" }).click();
  await page.getByLabel("原因（记入历史和审计）").fill("演练结束");
  await page.locator("dialog").getByRole("button", { name: "恢复全部分析…" }).click();
  await page.getByText("已恢复 2 路摄像头的分析").waitFor();
  expect(complaints).toEqual([]);
});

it("keeps a draft when somebody was first, and shows a refusal at its field", async () => {
  await open(CAMERA, "en");
  await rule("yard").getByRole("button", { name: "Change" }).click();
  await page.getByLabel("Dwell time").fill("7");
  await page.getByRole("button", { name: "Put live…" }).click();
  await page.getByLabel("Reason (goes into the history and the audit)").fill("too many");
  const detail = (await (await fetch(`${bench.url}/v1/cameras/node-1/cam-1`)).json()) as {
    readonly plan: { readonly version: number; readonly rules: readonly { id: string }[] };
  };
  const { version, rules } = detail.plan;
  const others = rules.map((one) => ({ ...one, cooldownS: 99 }));
  const put = await fetch(`${bench.url}/v1/cameras/node-1/cam-1/plan`, {
    method: "PUT",
    headers: { "content-type": "application/json", "idempotency-key": "somebody-else-0001" },
    body: JSON.stringify({
      ...{ baseVersion: version, analysed: true, paused: [], rules: others },
      reason: "quieter",
    }),
  });
  expect(put.status).toBe(200);
  await page.getByRole("button", { name: "Put live now" }).click();
  const notice = page.locator(".newer-plan");
  await notice.getByText("quieter").waitFor();
  await notice.getByText("Changed by both: yard").waitFor();
  await keep("camera-conflict-en");
  node.seen.refuse = true;
  await notice.getByRole("button", { name: "Put my changes on top of it" }).click();
  await page
    .locator(".draft-bar")
    .getByText("Changed by both: yard. The draft has yours")
    .waitFor();
  // The bar stays in sight below the picture and never covers its top.
  await page.evaluate(`document.querySelector(".page").scrollTo(0, 160)`);
  const [bar, box] = await Promise.all([
    page.locator(".draft-bar").boundingBox(),
    page.locator(".page").boundingBox(),
  ]);
  expect(bar?.y).toBeGreaterThan((box?.y ?? 0) + (box?.height ?? 0) / 2);
  await keep("camera-draft-bar-en");
  await page.getByRole("button", { name: "Put live…" }).click();
  await page.getByLabel("Reason (goes into the history and the audit)").fill("too many");
  await page.getByRole("button", { name: "Put live now" }).click();
  await page.getByText("The node refused plan").waitFor();
  expect(node.seen.plan?.rules).toMatchObject([{ dwellS: 7 }, { cooldownS: 99 }]);
  await page.getByRole("button", { name: "Open the rule at fault" }).click();
  await page.locator(".rule-form .form-error", { hasText: "behind a mask" }).waitFor();
  await keep("camera-refused-en", true);
  const unexpected = complaints.filter((text) => !text.includes("409"));
  expect(unexpected).toEqual([]);
});

for (const language of ["zh", "en"] as const) {
  it(`fits a phone in light and in dark (${language})`, async () => {
    await open("#/cameras", language);
    for (const [name, address] of [
      ["cameras", "#/cameras"],
      ["camera", CAMERA],
    ] as const) {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto(`${bench.url}/${address}`);
      await page
        .locator(name === "camera" ? ".rule" : ".camera-row")
        .first()
        .waitFor();
      expect(await scroll()).toBe(360);
      expect(await seriousFindings()).toEqual([]);
      await keep(`${name}-${language}-phone`, true);
    }
    await page.locator(".rule .button").first().click();
    await page.locator(".drawing-layer").waitFor();
    expect(await scroll()).toBe(360);
    await keep(`camera-editor-${language}-phone`, true);
    await page.getByRole("button", { name: /切换为|Switch to/ }).click();
    expect(await seriousFindings()).toEqual([]);
    await page.getByRole("button", { name: /切换为|Switch to/ }).click();
    expect(complaints).toEqual([]);
  });
}
