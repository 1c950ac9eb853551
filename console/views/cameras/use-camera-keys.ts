/** The list by keyboard, as every list here: j/k or arrows move, Enter opens, / searches. */
import { useEffect, useEffectEvent, type RefObject } from "react";

const STEPS: Readonly<Record<string, number>> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

export function useCameraKeys(list: RefObject<HTMLUListElement | null>): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const isCovered = document.querySelector("dialog[open], :popover-open") !== null;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isCovered) {
      return;
    }
    const search = document.querySelector<HTMLInputElement>("#search");
    if (event.key === "Escape" && target === search) {
      // The browser would empty the box.
      event.preventDefault();
      search.blur();
      return;
    }
    if (target.closest("input, textarea, select") !== null) {
      return;
    }
    const step = STEPS[event.key];
    if (event.key === "/") {
      event.preventDefault();
      search?.focus();
    } else if (step !== undefined) {
      event.preventDefault();
      move(list.current, step);
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
}

function move(list: HTMLUListElement | null, step: number): void {
  const links = [...(list?.querySelectorAll<HTMLElement>("a.camera-link") ?? [])];
  const here = document.activeElement?.closest("li")?.querySelector<HTMLElement>("a.camera-link");
  const from = here === null || here === undefined ? -1 : links.indexOf(here);
  const index = from === -1 ? 0 : Math.min(links.length - 1, Math.max(0, from + step));
  links[index]?.focus();
}
