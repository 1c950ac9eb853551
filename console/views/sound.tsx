/** The operator's choice of sound, remembered; it is off until somebody turns it on. */
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { createChime } from "./chime.ts";
import { Icon } from "./icons.tsx";

const KEY = "sesb.sound";
export const chime = createChime(() => new AudioContext());

const listeners = new Set<() => void>();
let isOn = read();

function read(): boolean {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

function choose(next: boolean): void {
  isOn = next;
  try {
    localStorage.setItem(KEY, next ? "on" : "off");
  } catch {
    // Then the choice lasts as long as the page.
  }
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSound(): boolean {
  return useSyncExternalStore(subscribe, () => isOn);
}

// Browsers are silent until the first press in a page, also where sound was on before.
for (const press of ["pointerdown", "keydown"] as const) {
  window.addEventListener(press, () => (isOn ? chime.unlock() : undefined), {
    once: true,
    passive: true,
  });
}

/** Plays once when turned on, so that the operator knows it and sets the volume. */
export function SoundSwitch() {
  const { t } = useTranslation();
  const isSounding = useSound();
  return (
    <button
      type="button"
      className="button button-small sound"
      aria-pressed={isSounding}
      title={t("urgent.soundHint")}
      onClick={() => {
        choose(!isSounding);
        if (!isSounding) {
          chime.play();
        }
      }}
    >
      <Icon name={isSounding ? "sound" : "muted"} />
      <span className="sound-text">{t(isSounding ? "urgent.soundOn" : "urgent.soundOff")}</span>
    </button>
  );
}
