/** How far a report has come, and rating its handling. */
import type { ReportState } from "../../protocol/index.ts";
import { bilingual, byId, choice, chosen, element, type Words } from "./dom.ts";
import { readState, sendRating } from "./report-api.ts";
import { knownReports } from "./remembered.ts";
import { explain } from "./wording.ts";

const STARS: readonly Words[] = [
  { zh: "1 很差", en: "bad" },
  { zh: "2 差", en: "poor" },
  { zh: "3 一般", en: "fair" },
  { zh: "4 好", en: "good" },
  { zh: "5 很好", en: "very good" },
];

export interface Follow {
  readonly open: (code: string) => Promise<void>;
  /** Shows the reports that were sent from this phone. */
  readonly list: () => void;
}

export function createFollow(): Follow {
  const code = byId("ask-code", HTMLInputElement);
  const problem = byId("ask-problem", HTMLParagraphElement);
  const state = byId("state", HTMLElement);
  const open = async (given: string): Promise<void> => {
    code.value = given;
    problem.replaceChildren();
    try {
      show(await readState(given));
      state.hidden = false;
      state.focus();
    } catch (error) {
      state.hidden = true;
      problem.replaceChildren(bilingual(explain(error)));
    }
  };
  byId("ask", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    void open(code.value.trim());
  });
  prepareRating(code);
  return {
    open,
    list: () => {
      byId("mine", HTMLUListElement).replaceChildren(
        ...knownReports().map((one) => {
          const look = element("button", { type: "button" }, bilingual(one.title));
          look.append(element("span", { textContent: `${one.code} · ${localTime(one.at)}` }));
          look.addEventListener("click", () => void open(one.code));
          return element("li", {}, look);
        }),
      );
    },
  };
}

function show({ words, title, receivedAt, changedAt, rating, rateUntil }: ReportState): void {
  byId("state-words", HTMLHeadingElement).replaceChildren(bilingual(words));
  const facts: [Words, string | DocumentFragment][] = [
    [{ zh: "事项", en: "Matter" }, bilingual(title)],
    [{ zh: "收到", en: "Received" }, localTime(receivedAt)],
    [{ zh: "更新", en: "Changed" }, localTime(changedAt)],
  ];
  if (rating !== null) {
    facts.push([{ zh: "评价", en: "Rated" }, "★".repeat(rating.stars)]);
  }
  byId("state-facts", HTMLDListElement).replaceChildren(
    ...facts.flatMap(([name, value]) => [
      element("dt", {}, bilingual(name)),
      element("dd", {}, value),
    ]),
  );
  byId("rating", HTMLFormElement).hidden = rateUntil === null;
}

function prepareRating(code: HTMLInputElement): void {
  const form = byId("rating", HTMLFormElement);
  const problem = byId("rating-problem", HTMLParagraphElement);
  const comment = byId("comment", HTMLTextAreaElement);
  const reopen = byId("reopen", HTMLInputElement);
  const say = (words: Words): void => problem.replaceChildren(bilingual(words));
  byId("stars", HTMLDivElement).replaceChildren(
    ...STARS.map((words, index) => choice("stars", String(index + 1), words)),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const stars = Number(chosen(form, "stars") ?? "0");
    const text = comment.value.trim();
    if (stars === 0) {
      say({ zh: "请选择评分", en: "Choose a rating" });
    } else if (reopen.checked && text === "") {
      say({ zh: "请写明没有解决什么", en: "Say what is not solved" });
    } else {
      const said = text === "" ? {} : { comment: text };
      sendRating(code.value.trim(), { stars, reopen: reopen.checked, ...said }).then(
        (state) => {
          show(state);
          byId("state", HTMLElement).focus();
        },
        (error: unknown) => say(explain(error)),
      );
    }
  });
}

function localTime(time: string | number): string {
  return new Date(time).toLocaleString("zh-CN", { dateStyle: "medium", timeStyle: "short" });
}
