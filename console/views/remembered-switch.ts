/** An operator's choice between on and off, kept in the browser and shared by the whole page. */
import { useSyncExternalStore } from "react";

export interface RememberedSwitch {
  /** Outside of rendering. */
  isOn(): boolean;
  set(isOn: boolean): void;
  /** For rendering: changes with the choice. */
  useIsOn(): boolean;
}

/** Where storage is forbidden the choice lasts as long as the page. */
export function rememberedSwitch(key: string, isOnAtFirst: boolean): RememberedSwitch {
  const listeners = new Set<() => void>();
  let current = read(key) ?? isOnAtFirst;
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    isOn: () => current,
    set: (isOn) => {
      current = isOn;
      write(key, isOn);
      for (const listener of listeners) {
        listener();
      }
    },
    useIsOn: () => useSyncExternalStore(subscribe, () => current),
  };
}

function read(key: string): boolean | undefined {
  try {
    const kept = localStorage.getItem(key);
    return kept === null ? undefined : kept === "on";
  } catch {
    return undefined;
  }
}

function write(key: string, isOn: boolean): void {
  try {
    localStorage.setItem(key, isOn ? "on" : "off");
  } catch {
    // Kept in memory only.
  }
}
