/** The reporters' page: what, where, a photo, send; and how far a report has come. */
import type { ReportReceipt, ReportRequest } from "../../protocol/index.ts";
import { bilingual, byId, element, type Words } from "./dom.ts";
import { openDraftStore } from "./draft-store.ts";
import { createFollow } from "./follow.ts";
import { createOutbox } from "./outbox.ts";
import { createPhotos } from "./photos.ts";
import { createPlaceField } from "./place.ts";
import { rememberReport, rememberWorkerKey, workerKey } from "./remembered.ts";
import { type Draft, sendReport } from "./report-api.ts";
import { chosenType, showTypes, titleOf } from "./types.ts";
import { explain } from "./wording.ts";
import "./report.css";

const RETRY_MS = 30_000;

const form = byId("form", HTMLFormElement);
const text = byId("text", HTMLTextAreaElement);
const contact = byId("contact", HTMLInputElement);
const key = byId("key", HTMLInputElement);
const problem = byId("problem", HTMLParagraphElement);
const sent = byId("sent", HTMLElement);
const follow = byId("follow", HTMLElement);
const waiting = byId("waiting", HTMLElement);

const say = (words: Words): void => problem.replaceChildren(bilingual(words));
const photos = createPhotos(say);
const place = createPlaceField(form);
const followed = createFollow();
/** Why a report that waits is not sent by itself. */
const refusals = new Map<string, Words>();
/** The report that the form has just handed over. */
let current: string | undefined;

const outbox = createOutbox<ReportReceipt>({
  store: openDraftStore(() => Date.now()),
  send: sendReport,
  onSent: (draft, { code, receivedAt }) => {
    rememberReport({ code, title: titleOf(draft.report.eventType), at: receivedAt });
    if (draft.id === current) {
      byId("code", HTMLOutputElement).value = code;
      go("sent");
    }
  },
  onRefused: ({ id }, error) => refusals.set(id, explain(error)),
  onChange: showWaiting,
});

function showWaiting(drafts: readonly Draft[]): void {
  waiting.hidden = drafts.length === 0;
  waiting.querySelector("ul")?.replaceChildren(
    ...drafts.map(({ id, report }) => {
      const title = titleOf(report.eventType);
      const remove = element("button", { type: "button", textContent: "删除 Remove" });
      remove.addEventListener("click", () => void outbox.remove(id));
      const why = refusals.get(id) ?? { zh: "有网络时自动发送", en: "sent when connected" };
      const about = element("span", {}, title.zh, ": ", bilingual(why));
      return element("li", {}, about, remove);
    }),
  );
}

function go(view: "form" | "sent" | "follow"): void {
  form.hidden = view !== "form";
  sent.hidden = view !== "sent";
  follow.hidden = view !== "follow";
  for (const button of document.querySelectorAll<HTMLElement>("[data-go]")) {
    button.toggleAttribute("aria-current", false);
    if (button.dataset["go"] === view) {
      button.setAttribute("aria-current", "page");
    }
  }
  if (view === "sent") {
    sent.focus();
  } else if (view === "follow") {
    followed.list();
  }
}

/** What is missing, for the first field that misses it. */
function readForm(): ReportRequest | { readonly missing: Words; readonly field: HTMLElement } {
  const eventType = chosenType(form);
  const words = text.value.trim();
  const where = place.read();
  if (eventType === undefined) {
    const field = byId("types", HTMLDivElement).querySelector("input") ?? text;
    return { missing: { zh: "请选择类型", en: "Choose what it is" }, field };
  }
  if (words === "") {
    return { missing: { zh: "请说明情况", en: "Describe it" }, field: text };
  }
  if (where === undefined) {
    const field = byId("locate", HTMLButtonElement);
    return { missing: { zh: "请定位或写地址", en: "Say where it is" }, field };
  }
  const reachable = contact.value.trim();
  return {
    channel: key.value.trim() === "" ? "resident" : "grid-worker",
    eventType: eventType as ReportRequest["eventType"],
    text: words,
    place: where,
    seenAt: new Date().toISOString(),
    ...(reachable === "" ? {} : { contact: reachable }),
  };
}

async function submit(): Promise<void> {
  problem.replaceChildren();
  const report = readForm();
  if ("missing" in report) {
    say(report.missing);
    report.field.focus();
    return;
  }
  const worker = key.value.trim();
  rememberWorkerKey(worker);
  const id = crypto.randomUUID();
  current = id;
  await outbox.add({
    ...{ id, report, photos: photos.all() },
    ...(worker === "" ? {} : { key: worker }),
  });
  const refusal = refusals.get(id);
  if (refusal !== undefined) {
    // It goes back into the hands of its writer.
    refusals.delete(id);
    await outbox.remove(id);
    say(refusal);
    return;
  }
  clear();
  if (!form.hidden) {
    say({ zh: "没有网络, 已保存在手机里, 有网络时自动发送", en: "Kept; sent when connected" });
  }
}

function clear(): void {
  form.reset();
  photos.clear();
  place.clear();
  byId("found", HTMLDivElement).replaceChildren();
  key.value = workerKey();
}

showTypes();
key.value = workerKey();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = form.querySelector<HTMLButtonElement>(".main");
  button?.toggleAttribute("disabled", true);
  submit()
    .catch((error: unknown) => say(explain(error)))
    .finally(() => button?.toggleAttribute("disabled", false));
});
byId("again", HTMLButtonElement).addEventListener("click", () => go("form"));
document.querySelectorAll<HTMLElement>("[data-go]").forEach((button) => {
  button.addEventListener("click", () => go(button.dataset["go"] === "follow" ? "follow" : "form"));
});
window.addEventListener("online", () => void outbox.flush());
window.setInterval(() => void outbox.flush(), RETRY_MS);
await outbox.flush();
