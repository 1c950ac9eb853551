/** Keeps the open case's detail as new as its summary. */
import type { CaseDetail, Clock } from "../../protocol/index.ts";
import { isAborted } from "./abort.ts";
import { ApiError, type Api } from "./api.ts";
import type { Action, ConsoleState } from "./state.ts";
import type { Store } from "./store.ts";

/** Several changes often come at once: reported, filed and dispatched. */
const SETTLE_MS = 120;
const RETRY_MS = 2_000;
/**
 * The stream says when to look; this is the net under it. It is wide, because the brain records
 * every look at a case.
 */
const IDLE_MS = 300_000;

export interface FollowOptions {
  readonly api: Pick<Api, "caseDetail">;
  readonly clock: Clock;
  readonly store: Store<ConsoleState, Action>;
}

/** Runs until the signal is aborted or the case turns out not to exist. */
export async function followDetail(
  { api, clock, store }: FollowOptions,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  while (!isAborted(signal)) {
    try {
      const detail = await api.caseDetail(id, signal);
      store.dispatch({ kind: "detail", detail });
      const isNews = await changed(store, clock, detail, signal);
      await (isNews ? clock.wait(SETTLE_MS, signal).catch(() => undefined) : undefined);
    } catch (error) {
      if (isAborted(signal)) {
        return;
      }
      const missing = error instanceof ApiError && error.status === 404;
      store.dispatch({ kind: "detail-failed", id, missing });
      if (missing) {
        return;
      }
      await clock.wait(RETRY_MS, signal).catch(() => undefined);
    }
  }
}

/** Waits for a newer version; false when only time has passed. */
async function changed(
  store: FollowOptions["store"],
  clock: Clock,
  detail: CaseDetail,
  signal: AbortSignal,
): Promise<boolean> {
  const news = new AbortController();
  const isNewer = (): boolean => (store.get().cases.get(detail.id)?.version ?? 0) > detail.version;
  const stop = store.subscribe(() => {
    if (isNewer()) {
      news.abort();
    }
  });
  if (isNewer()) {
    news.abort();
  }
  const wake = AbortSignal.any([signal, news.signal]);
  await clock.wait(IDLE_MS, wake).catch(() => undefined);
  stop();
  return news.signal.aborted;
}
