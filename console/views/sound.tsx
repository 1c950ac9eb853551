/** The operator's choice of sound, remembered; it is off until somebody turns it on. */
import { useTranslation } from "react-i18next";
import { createChime } from "./chime.ts";
import { Icon } from "./icons.tsx";
import { rememberedSwitch } from "./remembered-switch.ts";

const sound = rememberedSwitch("sesb.sound", false);
export const chime = createChime(() => new AudioContext());
export const useSound = sound.useIsOn;

// Browsers are silent until the first press in a page, also where sound was on before.
for (const press of ["pointerdown", "keydown"] as const) {
  window.addEventListener(press, () => (sound.isOn() ? chime.unlock() : undefined), {
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
        sound.set(!isSounding);
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
