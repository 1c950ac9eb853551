/** Clocks, supervision and whistles of a case, read again whenever its version rises. */
import { useEffect, useState } from "react";
import type { CaseWorkView } from "../../../protocol/index.ts";
import { isAborted } from "../../model/abort.ts";
import { useCommands } from "./context.tsx";

const RETRY_MS = 2_000;

export interface Work {
  /** Of this case, though perhaps of an earlier version; null until it has come. */
  readonly work: CaseWorkView | null;
  readonly failed: boolean;
}

export function useWork(caseId: string, version: number): Work {
  const { api, clock } = useCommands();
  const [work, setWork] = useState<CaseWorkView | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const read = async (): Promise<void> => {
      while (!isAborted(signal)) {
        try {
          setWork(await api.work(caseId, signal));
          setFailed(false);
          return;
        } catch {
          if (isAborted(signal)) {
            return;
          }
          setFailed(true);
          await clock.wait(RETRY_MS, signal).catch(() => undefined);
        }
      }
    };
    void read();
    return () => left.abort();
  }, [api, clock, caseId, version]);
  return { work: work?.caseId === caseId ? work : null, failed };
}
