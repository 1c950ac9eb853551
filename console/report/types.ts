/** What it is: a few common types as large buttons, all others by searching. */
import catalogue from "../../protocol/catalogue/catalogue.json" with { type: "json" };
import { isMachineOnly } from "../../protocol/machine-only.ts";
import { byId, choice, type Words } from "./dom.ts";

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
    ...COMMON.flatMap((code) => TYPES.filter((type) => type.code === code)).map(button),
  );
  const found = byId("found", HTMLDivElement);
  const search = byId("search", HTMLInputElement);
  search.addEventListener("input", () => {
    found.replaceChildren(...searchTypes(search.value).map(button));
  });
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

function button(type: ReportType): HTMLLabelElement {
  return choice("eventType", type.code, type);
}
