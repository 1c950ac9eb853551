/** Single keys that act. They can be turned off: a voice or a shaking hand may press them too. */
import { useEffect, useEffectEvent } from "react";
import { rememberedSwitch } from "../remembered-switch.ts";

const keys = rememberedSwitch("sesb.keys", true);

export const setKeysOn = keys.set;
export const useKeysOn = keys.useIsOn;

/** Calls `onKey` for a plain key outside of fields and dialogs; true says that it was taken. */
export function useSingleKeys(onKey: (key: string) => boolean): void {
  const take = useEffectEvent((event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const isTyping = target.closest("input, textarea, select, [contenteditable]") !== null;
    const isCovered = document.querySelector("dialog[open], :popover-open") !== null;
    const isModified = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
    if (!keys.isOn() || event.defaultPrevented || isModified || isTyping || isCovered) {
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
