/** Where it is: the phone's position, or an address in which a grid is named. */
import type { ReportPlace } from "../../protocol/index.ts";
import { bilingual, byId, choice, element, type Words } from "./dom.ts";
import { findGrids } from "./report-api.ts";

const LOCATE_MS = 20_000;
const TYPING_MS = 300;

export interface PlaceField {
  /** Undefined where nothing has been said. */
  readonly read: () => ReportPlace | undefined;
  readonly clear: () => void;
}

export function createPlaceField(form: HTMLFormElement): PlaceField {
  const address = byId("address", HTMLInputElement);
  const located = byId("located", HTMLParagraphElement);
  const grids = byId("grids", HTMLDivElement);
  let point: Pick<ReportPlace, "lat" | "lon" | "accuracyM"> | undefined;
  const say = (words: Words): void => located.replaceChildren(bilingual(words));
  byId("locate", HTMLButtonElement).addEventListener("click", () => {
    say({ zh: "正在定位…", en: "Finding you…" });
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const accuracyM = Math.max(1, Math.round(coords.accuracy));
        point = { lat: coords.latitude, lon: coords.longitude, accuracyM };
        say({ zh: `已定位, 误差约 ${accuracyM} 米`, en: `Found, within ${accuracyM} m` });
      },
      () => say({ zh: "无法定位, 请写地址", en: "No position: give the address" }),
      { enableHighAccuracy: true, timeout: LOCATE_MS, maximumAge: 60_000 },
    );
  });
  offerGrids(address, grids);
  return {
    read: () => {
      const text = address.value.trim();
      const grid = new FormData(form).get("grid");
      const said = text === "" ? {} : { address: text };
      if (point !== undefined) {
        return { ...point, ...said };
      }
      if (typeof grid === "string") {
        return { grid, ...said };
      }
      return text === "" ? undefined : said;
    },
    clear: () => {
      point = undefined;
      address.value = "";
      located.replaceChildren();
      grids.replaceChildren();
    },
  };
}

/** Suggests grids while the address is written; without a connection it stays plain text. */
function offerGrids(address: HTMLInputElement, grids: HTMLElement): void {
  let timer = 0;
  address.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      const text = address.value.trim();
      if (text === "") {
        grids.replaceChildren();
        return;
      }
      findGrids(text).then(
        ({ areas }) => {
          if (address.value.trim() === text) {
            showGrids(grids, areas);
          }
        },
        () => grids.replaceChildren(),
      );
    }, TYPING_MS);
  });
}

function showGrids(
  grids: HTMLElement,
  areas: Awaited<ReturnType<typeof findGrids>>["areas"],
): void {
  const shown = areas.slice(0, 6).map(({ code, zh, en, community }) =>
    choice("grid", code, {
      zh: community === null ? zh : `${community.zh} ${zh}`,
      en: en,
    }),
  );
  grids.replaceChildren(element("div", { className: "types" }, ...shown));
}
