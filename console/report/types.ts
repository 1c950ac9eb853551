/** What it is: a few common types as large buttons, all others by searching. */
import catalogue from "../../protocol/catalogue/catalogue.json" with { type: "json" };
import { isMachineOnly } from "../../protocol/machine-only.ts";
import { byId, choice, chosen, type Words } from "./dom.ts";

const COMMON = [
  "UM.GARBAGE",
  "UM.PARK",
  "FIR.LANE",
  "FIR.SMOKE",
  "UM.ROAD",
  "UM.COVER",
  "INF.FLOOD",
  "CIV.HELP",
];
const MAX_FOUND = 8;
const GROUPS = ["types", "found"];

interface ReportType extends Words {
  readonly code: string;
}

const TYPES: readonly ReportType[] = catalogue.eventTypes.filter(
  ({ code }) => !isMachineOnly(code),
);

export function titleOf(code: string): Words {
  return TYPES.find((type) => type.code === code) ?? { zh: code, en: code };
}

export function showTypes(): void {
  byId("types", HTMLDivElement).replaceChildren(
    ...COMMON.flatMap((code) => TYPES.filter((type) => type.code === code)).map((type) =>
      choice("commonType", type.code, type),
    ),
  );
  const found = byId("found", HTMLDivElement);
  const search = byId("search", HTMLInputElement);
  search.addEventListener("input", () => {
    found.replaceChildren(
      ...searchTypes(search.value).map((type) => choice("foundType", type.code, type)),
    );
  });
  // Two groups, so that Tab leads from the search to what was found; one choice.
  for (const [group, other] of [GROUPS, [...GROUPS].reverse()] as [string, string][]) {
    byId(group, HTMLDivElement).addEventListener("change", () => {
      byId(other, HTMLDivElement)
        .querySelectorAll("input")
        .forEach((input) => {
          input.checked = false;
        });
    });
  }
}

export function chosenType(form: HTMLFormElement): string | undefined {
  return chosen(form, "commonType") ?? chosen(form, "foundType");
}

/** Types that have no large button, by any part of either name. */
export function searchTypes(text: string): readonly ReportType[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") {
    return [];
  }
  return TYPES.filter(
    ({ code, zh, en }) =>
      !COMMON.includes(code) && (zh.includes(wanted) || en.toLowerCase().includes(wanted)),
  ).slice(0, MAX_FOUND);
}
