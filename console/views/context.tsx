/** Gives every view the running console, its state and the second hand. */
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import { parseRoute, type ConsoleState, type LiveConsole, type PageRoute } from "../model/index.ts";

const LiveContext = createContext<LiveConsole | null>(null);
export const LiveProvider = LiveContext.Provider;

export function useLive(): LiveConsole {
  const live = useContext(LiveContext);
  if (live === null) {
    throw new Error("useLive needs a LiveProvider above it");
  }
  return live;
}

/** Renders again when the selected part changes; `select` must give a part, not build one. */
export function useSelect<T>(select: (state: ConsoleState) => T): T {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

/** One timer for the whole page, at the turn of each second. */
const seconds = {
  nowMs: Date.now(),
  listeners: new Set<() => void>(),
  timer: 0,
};

function tick(): void {
  seconds.nowMs = Date.now();
  for (const listener of seconds.listeners) {
    listener();
  }
  seconds.timer = window.setTimeout(tick, 1000 - (seconds.nowMs % 1000));
}

function subscribeSeconds(listener: () => void): () => void {
  seconds.listeners.add(listener);
  if (seconds.listeners.size === 1) {
    tick();
  }
  return () => {
    seconds.listeners.delete(listener);
    if (seconds.listeners.size === 0) {
      window.clearTimeout(seconds.timer);
    }
  };
}

const STILL = (): (() => void) => () => undefined;

/** Local time, ms. Renders again each second while `isRunning`. */
export function useNow(isRunning = true): number {
  return useSyncExternalStore(isRunning ? subscribeSeconds : STILL, () => seconds.nowMs);
}

/** The brain's time, ms: what clocks of cases are measured with. */
export function useBrainNow(isRunning = true): number {
  const offsetMs = useSelect((state) => state.brainTime.offsetMs);
  return useNow(isRunning) + offsetMs;
}

/** The page and the open case live in the address: they can be linked to, and "back" goes back. */
function subscribeHash(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}

export function caseHref(id: string): string {
  return `#/cases/${id}`;
}

export function useRoute(): PageRoute & { readonly leave: () => void } {
  const hash = useSyncExternalStore(subscribeHash, () => window.location.hash);
  const leave = useCallback(() => {
    window.location.hash = "#/";
  }, []);
  return { ...parseRoute(hash), leave };
}
