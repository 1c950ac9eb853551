/** One thing at a time that is asked of the brain, and why it was not done. */
import { useCallback, useRef, useState } from "react";
import { ApiError } from "../../model/index.ts";
import { useCommands } from "../actions/index.ts";
import { useLive } from "../context.tsx";

export interface Task {
  readonly isWorking: boolean;
  readonly error: ApiError | null;
  /** True where it was done. */
  readonly run: (task: () => Promise<void>) => Promise<boolean>;
  readonly forget: () => void;
}

export function useTask(): Task {
  const live = useLive();
  const [isWorking, setWorking] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const busy = useRef(false);
  const run = useCallback(
    async (task: () => Promise<void>): Promise<boolean> => {
      if (busy.current) {
        return false;
      }
      busy.current = true;
      setWorking(true);
      setError(null);
      try {
        await task();
        return true;
      } catch (cause) {
        const failure = cause instanceof ApiError ? cause : new ApiError("refused", null, null);
        setError(failure);
        if (failure.failure === "signed-out") {
          live.retryNow();
        }
        return false;
      } finally {
        busy.current = false;
        setWorking(false);
      }
    },
    [live],
  );
  return { isWorking, error, run, forget: useCallback(() => setError(null), []) };
}

/**
 * Keys of presses: the same wish keeps its key until it is answered, so that a lost answer never
 * acts twice.
 */
export function useKeyed(): <T>(wish: unknown, send: (key: string) => Promise<T>) => Promise<T> {
  const { newKey } = useCommands();
  const pending = useRef<{ readonly wish: string; readonly key: string } | null>(null);
  return useCallback(
    async (wish, send) => {
      const words = JSON.stringify(wish);
      const key = pending.current?.wish === words ? pending.current.key : newKey();
      pending.current = { wish: words, key };
      try {
        const answer = await send(key);
        pending.current = null;
        return answer;
      } catch (cause) {
        if (!(cause instanceof ApiError) || cause.failure !== "unreachable") {
          pending.current = null;
        }
        throw cause;
      }
    },
    [newKey],
  );
}
