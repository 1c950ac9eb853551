/** `?` lists the keys, those of the open case first; `n` opens what is most urgent. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseSummary, TimelineItem } from "../../../protocol/index.ts";
import { actionsFor, mostUrgent, nextActions } from "../../model/index.ts";
import { caseHref, useLive } from "../context.tsx";
import { keyName, nameOf } from "./action-bar.tsx";
import { setKeysOn, useKeysOn, useSingleKeys } from "./keys.ts";
import { Modal } from "./modal.tsx";
import { useWork } from "./use-work.ts";

interface KeyHelpProps {
  readonly summary: CaseSummary | null;
  readonly timeline: readonly TimelineItem[];
}

export function KeyHelp(props: KeyHelpProps) {
  const { t } = useTranslation();
  const live = useLive();
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  useSingleKeys((key) => {
    if (key === "?") {
      setOpen(true);
      return true;
    }
    const id = key === "n" ? mostUrgent(live.store.get().cases.values()) : null;
    if (id !== null) {
      window.location.hash = caseHref(id);
    }
    return id !== null;
  });
  return (
    <>
      <button
        type="button"
        className="icon-button key-help-button"
        aria-label={t("actions.keys.open")}
        title={t("actions.keys.open")}
        aria-keyshortcuts="?"
        onClick={() => setOpen(true)}
      >
        <kbd>?</kbd>
      </button>
      {isOpen && (
        <Modal title={t("actions.keys.title")} onClose={close}>
          {props.summary !== null && <CaseKeys summary={props.summary} timeline={props.timeline} />}
          <h3>{t("actions.keys.list")}</h3>
          <ListKeys />
          <KeySwitch />
        </Modal>
      )}
    </>
  );
}

interface CaseKeysProps extends KeyHelpProps {
  readonly summary: CaseSummary;
}

function CaseKeys({ summary, timeline }: CaseKeysProps) {
  const { t } = useTranslation();
  const { work } = useWork(summary.id, summary.version);
  const actions = actionsFor(summary, work);
  const offers = nextActions({ summary, work, actions, timeline });
  return (
    <>
      <h3>{t("actions.keys.now")}</h3>
      {offers.length === 0 && <p className="muted">{t("actions.none")}</p>}
      <dl className="keys">
        {offers.map((offer) => (
          <KeyLine key={offer.kind} keys={[keyName(offer.key)]} words={nameOf(offer, t)} />
        ))}
      </dl>
    </>
  );
}

function ListKeys() {
  const { t } = useTranslation();
  return (
    <dl className="keys">
      <KeyLine keys={["n"]} words={t("actions.keys.urgent")} />
      <KeyLine keys={["j", "k", "↑", "↓"]} words={t("keys.move")} />
      <KeyLine keys={["Enter"]} words={t("keys.open")} />
      <KeyLine keys={["Esc"]} words={t("keys.close")} />
      <KeyLine keys={["/"]} words={t("keys.search")} />
      <KeyLine keys={["Ctrl", "Enter"]} words={t("actions.keys.send")} />
      <KeyLine keys={["?"]} words={t("actions.keys.help")} />
    </dl>
  );
}

function KeyLine({ keys, words }: { readonly keys: readonly string[]; readonly words: string }) {
  return (
    <>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{words}</dd>
    </>
  );
}

function KeySwitch() {
  const { t } = useTranslation();
  const isOn = useKeysOn();
  return (
    <label className="option">
      <input
        type="checkbox"
        checked={isOn}
        data-first=""
        onChange={(event) => setKeysOn(event.target.checked)}
      />
      {t("actions.keys.switch")}
    </label>
  );
}
