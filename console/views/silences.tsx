/** What is silenced now, and the mark that says so. */
import { createContext, useContext, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { CaseSummary, SilenceView } from "../../protocol/index.ts";
import { may, silenceOf, silenceOfCamera, type SilenceableCamera } from "../model/index.ts";
import { useCommands } from "./actions/context.tsx";
import { useSelect } from "./context.tsx";
import { Icon } from "./icons.tsx";
import { useAnswer } from "./office.tsx";
import { useTimeWords } from "./wording.tsx";

const NONE: readonly SilenceView[] = [];
const READ_MS = 30_000;
const SilenceContext = createContext(NONE);

/** Reads the silences in a calm rhythm for the marks below it. */
export function Silences({ children }: { readonly children: ReactNode }) {
  const session = useSelect((state) => state.session);
  const isReady = useSelect((state) => state.phase === "ready");
  return isReady && may(session, "silence.view") ? (
    <ReadSilences>{children}</ReadSilences>
  ) : (
    children
  );
}

function ReadSilences({ children }: { readonly children: ReactNode }) {
  const { api } = useCommands();
  const { value } = useAnswer("silences now", (signal) => api.silences("current", signal), READ_MS);
  return <SilenceContext value={value?.items ?? NONE}>{children}</SilenceContext>;
}

type Subject = Pick<CaseSummary, "camera" | "eventType" | "location" | "serviceLevel">;

export function SilenceMark({ item }: { readonly item: Subject }) {
  return <Mark silence={silenceOf(useContext(SilenceContext), item)} />;
}

/** Of a camera: something that it sees is kept back now. */
export function CameraSilenceMark({ camera }: { readonly camera: SilenceableCamera }) {
  return <Mark silence={silenceOfCamera(useContext(SilenceContext), camera)} />;
}

function Mark({ silence }: { readonly silence: SilenceView | undefined }) {
  const { t } = useTranslation();
  const times = useTimeWords();
  if (silence === undefined) {
    return null;
  }
  const { reason, until } = silence;
  const words = t("silence.markTitle", { reason, until: times.dateTime(until) });
  return (
    <span className="mark mark-silenced" title={words}>
      <Icon name="muted" />
      {t("silence.mark")}
      <span className="sr-only">: {words}</span>
    </span>
  );
}
