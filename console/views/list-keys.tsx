/** The list by keyboard: j/k or arrows move, Enter opens, Esc closes, / searches. */
import { useCallback, useEffect, useEffectEvent, useRef, useState, type RefObject } from "react";
import type { CaseSummary } from "../../protocol/index.ts";
import { caseHref, useRoute } from "./context.tsx";
import type { RowWindow } from "./row-window.tsx";

interface ListKeysOptions {
  readonly items: readonly CaseSummary[];
  readonly view: RowWindow;
  readonly rows: RefObject<HTMLUListElement | null>;
  readonly openId: string | null;
}

export interface ListKeys {
  readonly cursorId: string | null;
  readonly setCursor: (id: string) => void;
}

const STEPS: Readonly<Record<string, number>> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

export function useListKeys({ items, view, rows, openId }: ListKeysOptions): ListKeys {
  const [cursorId, setCursor] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  const { leave } = useRoute();

  const focusRow = (id: string): void => {
    const index = items.findIndex((item) => item.id === id);
    if (index === -1) {
      return;
    }
    view.reveal(index);
    wanted.current = id;
    setCursor(id);
    focusWanted();
  };
  const focusWanted = (): void => {
    const row = rows.current?.querySelector<HTMLElement>(`[data-case="${wanted.current ?? ""}"]`);
    if (row !== null && row !== undefined) {
      wanted.current = null;
      row.focus({ preventScroll: true });
    }
  };
  // The row may enter the document only after the scroll that shows it.
  useEffect(() => {
    if (wanted.current !== null) {
      focusWanted();
    }
  });

  const move = (step: number): void => {
    const from = items.findIndex((item) => item.id === (cursorId ?? openId));
    const index = from === -1 ? 0 : Math.min(items.length - 1, Math.max(0, from + step));
    const target = items[index];
    if (target !== undefined) {
      focusRow(target.id);
      if (openId !== null) {
        // With a case open, moving looks through the cases without filling the history.
        window.location.replace(caseHref(target.id));
      }
    }
  };

  useKeys({
    move,
    escape: (target) => {
      if (target.closest("input") !== null) {
        target.blur();
      } else if (openId !== null) {
        leave();
        focusRow(openId);
      }
    },
  });

  return { cursorId, setCursor: useCallback((id: string) => setCursor(id), []) };
}

interface KeyActions {
  readonly move: (step: number) => void;
  /** Out of the search first, then out of the case, back to the row it came from. */
  readonly escape: (target: HTMLElement) => void;
}

function useKeys({ move, escape }: KeyActions): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const isPopover = document.querySelector(":popover-open") !== null;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isPopover) {
      return;
    }
    if (event.key === "Escape") {
      escape(target);
      return;
    }
    if (target.closest("input, textarea, select") !== null) {
      return;
    }
    if (event.key === "/") {
      event.preventDefault();
      document.querySelector<HTMLInputElement>("#search")?.focus();
      return;
    }
    const step = STEPS[event.key];
    const isArrowElsewhere = event.key.startsWith("Arrow") && target.closest(".detail") !== null;
    if (step !== undefined && !isArrowElsewhere) {
      event.preventDefault();
      move(step);
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
}
