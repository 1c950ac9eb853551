/** Composition root of the page: the browser's fetch, clock and randomness come in here. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nextProvider } from "react-i18next";
import { App } from "./app.tsx";
import { createI18n } from "./i18n/index.ts";
import {
  browserClock,
  createApi,
  createCommandApi,
  createLive,
  createOfficeApi,
} from "./model/index.ts";
import { CommandProvider } from "./views/actions/index.ts";
import { LiveProvider } from "./views/context.tsx";
import { Silences } from "./views/silences.tsx";
import { Guard } from "./views/failures.tsx";
import { OfficeProvider } from "./views/office.tsx";
import { rememberedLanguage } from "./views/preferences.tsx";
import "./styles/index.css";

const root = document.querySelector("#root");
if (root === null) {
  throw new Error("index.html: expected an element #root");
}
const live = createLive({
  api: createApi((input, init) => fetch(input, init)),
  clock: browserClock,
  random: Math.random,
});
/** Not `randomUUID`: the browser has it on secure pages only, and a room may have plain HTTP. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
const commands = {
  api: createCommandApi((input, init) => fetch(input, init)),
  clock: browserClock,
  newKey,
};
const office = createOfficeApi((input, init) => fetch(input, init));
const i18n = await createI18n(rememberedLanguage());
createRoot(root).render(
  <StrictMode>
    <I18nextProvider i18n={i18n}>
      <Guard>
        <LiveProvider value={live}>
          <CommandProvider value={commands}>
            <OfficeProvider value={office}>
              <Silences>
                <App />
              </Silences>
            </OfficeProvider>
          </CommandProvider>
        </LiveProvider>
      </Guard>
    </I18nextProvider>
  </StrictMode>,
);
const closed = new AbortController();
window.addEventListener("online", () => live.retryNow());
// A page in the back-forward cache comes to life again: only its end stops it.
window.addEventListener("pagehide", (event) => {
  if (!event.persisted) {
    closed.abort();
  }
});
void live.run(closed.signal);
