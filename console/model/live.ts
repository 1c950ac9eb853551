/** Brings the page's state to life: signs in, loads, follows the stream, refreshes the open case. */
import type { CaseState, CaseSummary, Clock, SignIn } from "../../protocol/index.ts";
import { isAborted } from "./abort.ts";
import { ApiError, type Api } from "./api.ts";
import { may } from "./pages.ts";
import { createStore, type Store } from "./store.ts";
import {
  FRESH_MS,
  INITIAL_STATE,
  reduce,
  type Action,
  type ConsoleState,
  type Filter,
} from "./state.ts";
import { runStream, type StreamSink } from "./stream.ts";
import { followDetail } from "./detail-follower.ts";

export const PAGE_SIZE = 50;
/** Many messages a second become few changes of the page. */
const BATCH_MS = 100;
/** The age of what is shown is told in seconds. */
const HEARD_EVERY_MS = 250;
const RECOUNT_MS = 1_000;
const ASK_EVERY_MS = 2_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 10_000;

export interface LiveOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface LiveConsole {
  readonly store: Store<ConsoleState, Action>;
  /** Runs until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Rejects with an ApiError when the words are wrong or the brain cannot be reached. */
  signIn(who: SignIn): Promise<void>;
  setFilter(filter: Filter): void;
  setQuery(query: string): void;
  /** Reads the next page of the filter in force. */
  loadMore(): Promise<void>;
  openCase(id: string): void;
  closeCase(): void;
  /** Skips every wait before the next attempt. */
  retryNow(): void;
}

export function createLive({ api, clock, random }: LiveOptions): LiveConsole {
  const store = createStore(INITIAL_STATE, reduce);
  const { dispatch } = store;
  let hurry = new AbortController();
  let opened = new AbortController();

  const retryNow = (): void => {
    hurry.abort();
    hurry = new AbortController();
  };
  const closeCase = (): void => {
    opened.abort();
    dispatch({ kind: "close" });
  };

  async function loadMore(): Promise<void> {
    const { filter, pages } = store.get();
    const page = pages[filter];
    if (page?.status === "loading" || (page?.status === "ready" && page.next === null)) {
      return;
    }
    dispatch({ kind: "page-loading", filter });
    const before = page?.next ?? undefined;
    const state = filter === "ALL" ? undefined : (filter satisfies CaseState);
    const query = {
      limit: PAGE_SIZE,
      ...(before === undefined ? {} : { before }),
      ...(state === undefined ? {} : { state }),
    };
    await api.cases(query).then(
      (list) => dispatch({ kind: "page", filter, list }),
      () => dispatch({ kind: "page-failed", filter }),
    );
  }

  return {
    store,
    retryNow,
    closeCase,
    loadMore,
    run: (signal) => runLive({ api, clock, random, store, hurry: () => hurry.signal }, signal),
    async signIn(who) {
      await api.signIn(who);
      retryNow();
    },
    setFilter(filter) {
      dispatch({ kind: "filter", filter });
      if (store.get().pages[filter] === undefined) {
        void loadMore();
      }
    },
    setQuery: (query) => dispatch({ kind: "query", query }),
    openCase(id) {
      if (store.get().open?.id === id) {
        return;
      }
      opened.abort();
      opened = new AbortController();
      dispatch({ kind: "open", id });
      void followDetail({ api, clock, store }, id, opened.signal);
    },
  };
}

interface Running extends LiveOptions {
  readonly store: Store<ConsoleState, Action>;
  readonly hurry: () => AbortSignal;
}

async function runLive(running: Running, signal: AbortSignal): Promise<void> {
  const { clock, random, store, hurry } = running;
  let failures = 0;
  while (!isAborted(signal)) {
    try {
      await liveOnce(running, signal, () => {
        failures = 0;
      });
    } catch (error) {
      if (isAborted(signal)) {
        return;
      }
      const failure = error instanceof ApiError ? error.failure : "refused";
      store.dispatch({ kind: "connection", connection: "reconnecting" });
      store.dispatch(
        failure === "signed-out"
          ? { kind: "phase", phase: "signed-out" }
          : { kind: "failed", failure },
      );
      // Only signing in helps; it hurries us.
      const ceilingMs = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** failures);
      const delayMs = failure === "signed-out" ? 3_600_000 : ceilingMs * (0.5 + random() / 2);
      failures += 1;
      await clock.wait(delayMs, AbortSignal.any([signal, hurry()])).catch(() => undefined);
    }
  }
}

async function liveOnce(
  running: Running,
  signal: AbortSignal,
  onLoaded: () => void,
): Promise<void> {
  const { api, clock, random, store, hurry } = running;
  const session = await api.session(signal);
  store.dispatch({ kind: "session", session });
  if (!session.signedIn) {
    throw new ApiError("signed-out", 401, null);
  }
  // Names and health make the page richer; the list must not wait for them.
  const optional = [
    api.catalogue(signal).then((catalogue) => store.dispatch({ kind: "catalogue", catalogue })),
    api.health(signal).then((health) => store.dispatch({ kind: "health", health })),
  ];
  void Promise.allSettled(optional);
  if (!may(session, "case.view")) {
    await stayWithoutCases(running, signal, onLoaded);
    return;
  }
  const list = await api.cases({ limit: PAGE_SIZE }, signal);
  store.dispatch({ kind: "loaded", list, atMs: clock.now() });
  onLoaded();
  const ended = new AbortController();
  const batch = createBatch(running, AbortSignal.any([signal, ended.signal]));
  try {
    const options = { api, clock, random, hurry, sink: batch, after: list.streamPosition };
    await runStream(options, signal);
  } finally {
    ended.abort();
  }
}

/** Auditors and administrators see no case: the page only keeps asking whether the brain is there. */
async function stayWithoutCases(
  { api, clock, store }: Running,
  signal: AbortSignal,
  onLoaded: () => void,
): Promise<void> {
  const asOf = new Date(clock.now()).toISOString();
  const list = { items: [], next: null, streamPosition: "0", counts: {}, asOf };
  store.dispatch({ kind: "loaded", list, atMs: clock.now() });
  onLoaded();
  while (!isAborted(signal)) {
    store.dispatch({ kind: "connection", connection: "live" });
    store.dispatch({ kind: "heard", atMs: clock.now() });
    await clock.wait(ASK_EVERY_MS, signal);
    const session = await api.session(signal);
    if (!session.signedIn) {
      throw new ApiError("signed-out", 401, null);
    }
  }
}

/** Collects the stream's cases and hands them to the store together; asks for the counts anew. */
function createBatch({ api, clock, store }: Running, signal: AbortSignal): StreamSink {
  let waiting: CaseSummary[] = [];
  let isCounting = false;
  let isFading = false;
  let heardAtMs = 0;

  async function flush(): Promise<void> {
    await clock.wait(BATCH_MS, signal).catch(() => undefined);
    const cases = waiting;
    waiting = [];
    store.dispatch({ kind: "streamed", cases, atMs: clock.now() });
    if (!isFading) {
      void fade();
    }
    if (!isCounting) {
      isCounting = true;
      await clock.wait(RECOUNT_MS, signal).catch(() => undefined);
      isCounting = false;
      await api.cases({ limit: 1 }, signal).then(
        (list) => store.dispatch({ kind: "counts", counts: list.counts }),
        // The next change asks again.
        () => undefined,
      );
    }
  }

  async function fade(): Promise<void> {
    isFading = true;
    await clock.wait(FRESH_MS, signal).catch(() => undefined);
    isFading = false;
    store.dispatch({ kind: "fade", atMs: clock.now() });
    if (store.get().fresh.size > 0 && !signal.aborted) {
      await fade();
    }
  }

  return {
    connection: (connection) => store.dispatch({ kind: "connection", connection }),
    heard(atMs) {
      if (atMs - heardAtMs >= HEARD_EVERY_MS) {
        heardAtMs = atMs;
        store.dispatch({ kind: "heard", atMs });
      }
    },
    tick: (brainIso, atMs) => store.dispatch({ kind: "heard", atMs, brainIso }),
    health: (health) => store.dispatch({ kind: "health", health }),
    case(summary) {
      waiting.push(summary);
      if (waiting.length === 1) {
        void flush();
      }
    },
  };
}
