/** Single keys that act. They can be turned off: a voice or a shaking hand may press them too. */
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

const STORAGE_KEY = "sesb.keys";
const listeners = new Set<() => void>();
/** Where storage is forbidden the choice lasts as long as the page. */
let remembered = read();

function read(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) !== "off";
  } catch {
    return true;
  }
}

export function setKeysOn(isOn: boolean): void {
  remembered = isOn;
  try {
    localStorage.setItem(STORAGE_KEY, isOn ? "on" : "off");
  } catch {
    // The choice is kept in memory.
  }
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useKeysOn(): boolean {
  return useSyncExternalStore(subscribe, () => remembered);
}

/** Calls `onKey` for a plain key outside of fields and dialogs; true says that it was taken. */
export function useSingleKeys(onKey: (key: string) => boolean): void {
  const take = useEffectEvent((event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const isTyping = target.closest("input, textarea, select, [contenteditable]") !== null;
    const isCovered = document.querySelector("dialog[open], :popover-open") !== null;
    const isModified = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
    if (!remembered || event.defaultPrevented || isModified || isTyping || isCovered) {
      return;
    }
    if (onKey(event.key)) {
      event.preventDefault();
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => take(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
}
