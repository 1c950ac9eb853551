/** Which rows of the list are in sight, and a list that does not jump when rows arrive above. */
import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { CaseSummary } from "../../protocol/index.ts";

/** Rows kept ready on each side, so that scrolling shows no gaps. */
const OVERSCAN = 6;

export interface RowWindow {
  readonly first: number;
  /** One past the last row. */
  readonly last: number;
  readonly padTopPx: number;
  readonly padBottomPx: number;
  /** Rows that arrived above while the operator was reading further down. */
  readonly above: number;
  readonly toTop: () => void;
  /** Scrolls as little as needed to show a row. */
  readonly reveal: (index: number) => void;
}

interface Sight {
  readonly first: number;
  readonly count: number;
  readonly rowPx: number;
}

export function useRowWindow(
  items: readonly CaseSummary[],
  scroller: RefObject<HTMLDivElement | null>,
  rows: RefObject<HTMLUListElement | null>,
): RowWindow {
  const sight = useSight(scroller, rows);
  const { above, clear } = useSteadyScroll(items, scroller, sight.rowPx);
  const first = Math.max(0, Math.min(sight.first - OVERSCAN, items.length - sight.count));
  const last = Math.min(items.length, Math.max(0, sight.first) + sight.count + OVERSCAN);
  const { rowPx } = sight;
  const toTop = useCallback(() => {
    scroller.current?.scrollTo({ top: 0 });
    clear();
  }, [scroller, clear]);
  const reveal = useCallback(
    (index: number) => {
      const box = scroller.current;
      if (box === null) {
        return;
      }
      const top = index * rowPx;
      if (top < box.scrollTop) {
        box.scrollTo({ top });
      } else if (top + rowPx > box.scrollTop + box.clientHeight) {
        box.scrollTo({ top: top + rowPx - box.clientHeight });
      }
    },
    [scroller, rowPx],
  );
  return {
    first,
    last,
    padTopPx: first * rowPx,
    padBottomPx: (items.length - last) * rowPx,
    above,
    toTop,
    reveal,
  };
}

/** The style sheet says how high a row is; every row is as high as every other. */
function useSight(
  scroller: RefObject<HTMLDivElement | null>,
  rows: RefObject<HTMLUListElement | null>,
): Sight {
  const [sight, setSight] = useState<Sight>({ first: 0, count: 12, rowPx: 104 });
  useLayoutEffect(() => {
    const box = scroller.current;
    const list = rows.current;
    if (box === null || list === null) {
      return;
    }
    const look = (): void => {
      const rowPx = Number.parseFloat(getComputedStyle(list).getPropertyValue("--row-height"));
      const first = Math.floor(box.scrollTop / rowPx);
      const count = Math.ceil(box.clientHeight / rowPx) + 1;
      setSight((old) =>
        old.first === first && old.count === count && old.rowPx === rowPx
          ? old
          : { first, count, rowPx },
      );
    };
    look();
    const resized = new ResizeObserver(look);
    resized.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      resized.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, [scroller, rows]);
  return sight;
}

/** Keeps the row at the top edge where it is when others arrive above it. */
function useSteadyScroll(
  items: readonly CaseSummary[],
  scroller: RefObject<HTMLDivElement | null>,
  rowPx: number,
): { readonly above: number; readonly clear: () => void } {
  const anchors = useRef<readonly CaseSummary[]>(items);
  const [above, setAbove] = useState(0);
  const clear = useCallback(() => setAbove(0), []);
  useLayoutEffect(() => {
    const box = scroller.current;
    const before = anchors.current;
    anchors.current = items;
    if (box === null || before === items || box.scrollTop < rowPx / 2) {
      return;
    }
    const index = Math.floor(box.scrollTop / rowPx);
    const anchor = before[index];
    const now = anchor === undefined ? -1 : items.findIndex((item) => item.id === anchor.id);
    if (now > index) {
      box.scrollBy({ top: (now - index) * rowPx });
      setAbove((count) => count + now - index);
    }
  }, [items, scroller, rowPx]);
  useLayoutEffect(() => {
    const box = scroller.current;
    const look = (): void => {
      if (box !== null && box.scrollTop < rowPx / 2) {
        setAbove(0);
      }
    };
    box?.addEventListener("scroll", look, { passive: true });
    return () => box?.removeEventListener("scroll", look);
  }, [scroller, rowPx]);
  return { above, clear };
}
