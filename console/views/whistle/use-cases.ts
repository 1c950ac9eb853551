/** Cases of some states, beside those that the list holds: a board shows old ones too. */
import { useEffect, useMemo, useState } from "react";
import type { CaseState, CaseSummary } from "../../../protocol/index.ts";
import { sortCases } from "../../model/index.ts";
import { isAborted } from "../../model/abort.ts";
import { useCommands } from "../actions/index.ts";
import { useSelect } from "../context.tsx";

export interface FoundCases {
  readonly items: readonly CaseSummary[];
  readonly status: "loading" | "ready" | "failed";
  /** There are more than are shown. */
  readonly isCut: boolean;
}

const RETRY_MS = 2_000;
const MOST = 50;

/** The newest of each state. The stream keeps them fresh. */
export function useCases(states: readonly CaseState[]): FoundCases {
  const { api, clock } = useCommands();
  const known = useSelect((state) => state.cases);
  const [read, setRead] = useState<readonly CaseSummary[]>([]);
  const [status, setStatus] = useState<FoundCases["status"]>("loading");
  const [isCut, setCut] = useState(false);
  const wanted = states.join(" ");
  useEffect(() => {
    const left = new AbortController();
    const load = async (): Promise<void> => {
      while (!isAborted(left.signal)) {
        try {
          const lists = await Promise.all(
            (wanted.split(" ") as CaseState[]).map((state) =>
              api.cases({ limit: MOST, state }, left.signal),
            ),
          );
          setRead(lists.flatMap(({ items }) => items));
          setCut(lists.some(({ next }) => next !== null));
          setStatus("ready");
          return;
        } catch {
          if (!isAborted(left.signal)) {
            setStatus("failed");
          }
          await clock.wait(RETRY_MS, left.signal).catch(() => undefined);
        }
      }
    };
    void load();
    return () => left.abort();
  }, [api, clock, wanted]);
  const items = useMemo(() => {
    const newest = new Map(read.map((item) => [item.id, item]));
    for (const item of known.values()) {
      if (item.version >= (newest.get(item.id)?.version ?? 0)) {
        newest.set(item.id, item);
      }
    }
    return sortCases([...newest.values()].filter(({ state }) => wanted.includes(state)));
  }, [read, known, wanted]);
  return { items, status, isCut };
}
