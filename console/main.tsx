/** Composition root of the page: the browser's fetch, clock and randomness come in here. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nextProvider } from "react-i18next";
import { App } from "./app.tsx";
import { createI18n } from "./i18n/index.ts";
import { browserClock, createApi, createLive } from "./model/index.ts";
import { LiveProvider } from "./views/context.tsx";
import { Guard } from "./views/failures.tsx";
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
const i18n = await createI18n(rememberedLanguage());
createRoot(root).render(
  <StrictMode>
    <I18nextProvider i18n={i18n}>
      <Guard>
        <LiveProvider value={live}>
          <App />
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
