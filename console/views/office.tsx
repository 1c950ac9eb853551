/** The brain's answers for figures, map and administration, read when a page asks for them. */
import { createContext, useCallback, useContext, useEffect, useRef, useState } from "react";
import { ApiError, type OfficeApi } from "../model/index.ts";
import { useLive } from "./context.tsx";

const OfficeContext = createContext<OfficeApi | null>(null);
export const OfficeProvider = OfficeContext.Provider;

export function useOffice(): OfficeApi {
  const office = useContext(OfficeContext);
  if (office === null) {
    throw new Error("useOffice needs an OfficeProvider above it");
  }
  return office;
}

export interface Answer<T> {
  /** The last good answer; it stays while a newer one is asked for. */
  readonly value: T | null;
  readonly error: ApiError | null;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface Held<T> {
  readonly value: T | null;
  readonly error: ApiError | null;
  /** Which question it answers. */
  readonly question: string;
  readonly serial: number;
}

/**
 * Asks when it is shown, when `question` changes and when `reload` is called; an answer that was
 * overtaken is dropped. `everyMs` asks again in that rhythm.
 */
export function useAnswer<T>(
  question: string,
  ask: (signal: AbortSignal) => Promise<T>,
  everyMs?: number,
): Answer<T> {
  const live = useLive();
  const [serial, setSerial] = useState(0);
  const [held, setHeld] = useState<Held<T>>({ value: null, error: null, question, serial: -1 });
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  useEffect(() => {
    const gone = new AbortController();
    latest.current(gone.signal).then(
      (value) => {
        if (!gone.signal.aborted) {
          setHeld({ value, error: null, question, serial });
        }
      },
      (cause: unknown) => {
        if (gone.signal.aborted) {
          return;
        }
        const error = cause instanceof ApiError ? cause : new ApiError("refused", null, null);
        setHeld((before) => ({ ...before, error, question, serial }));
        if (error.failure === "signed-out") {
          live.retryNow();
        }
      },
    );
    return () => gone.abort();
  }, [question, serial, live]);
  const reload = useCallback(() => setSerial((before) => before + 1), []);
  useEffect(() => {
    if (everyMs === undefined) {
      return;
    }
    const timer = window.setInterval(reload, everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs, reload]);
  const isCurrent = held.question === question;
  return {
    value: isCurrent ? held.value : null,
    error: isCurrent ? held.error : null,
    isLoading: !isCurrent || held.serial !== serial,
    reload,
  };
}
