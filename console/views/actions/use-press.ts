/** One press at a time: what it does, and how it may be sent again. */
import { useCallback, useRef, useState } from "react";
import { createPress, type Press, type PressState, type Step } from "../../model/index.ts";
import { useCommands } from "./context.tsx";

export interface UsedPress {
  readonly state: PressState;
  readonly begin: (version: number, steps: readonly Step[]) => Promise<PressState>;
  /** The same press with the same keys, after no answer. */
  readonly resend: () => Promise<PressState>;
  /** What is left of it, after a look at what stands now. */
  readonly again: (version: number) => Promise<PressState>;
  readonly reset: () => void;
}

const IDLE: PressState = { kind: "idle" };

export function usePress(): UsedPress {
  const { clock, newKey } = useCommands();
  const [state, setState] = useState<PressState>(IDLE);
  const current = useRef<Press | null>(null);
  const send = useCallback((press: Press | undefined | null): Promise<PressState> => {
    current.current = press ?? null;
    return press?.send(setState) ?? Promise.resolve(IDLE);
  }, []);
  return {
    state,
    begin: (version, steps) => send(createPress({ clock, newKey, version, steps })),
    resend: () => send(current.current),
    again: (version) => send(current.current?.rest(version)),
    reset: () => setState(IDLE),
  };
}
