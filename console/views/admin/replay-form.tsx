/** Sending deliveries again: what, why, first as a dry run. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Replay, ReplayAnswer } from "../../../protocol/index.ts";
import { useOffice } from "../office.tsx";
import { DepartmentSelect } from "./deliveries-tab.tsx";
import { Field, useWork, word, type Work, WorkError } from "./parts.tsx";

type Kind = Replay["what"]["kind"];
const KINDS: readonly Kind[] = ["one", "range", "missing"];
const WORDS = { one: "chosen", range: "range", missing: "dead" } as const;

interface ReplayFormProps {
  readonly chosen: readonly string[];
  readonly onDone: () => void;
}

interface Replaying {
  readonly work: Work;
  readonly answer: ReplayAnswer | null;
  readonly forget: () => void;
  readonly send: (form: HTMLFormElement, dryRun: boolean) => void;
}

function useReplay({ chosen, onDone }: ReplayFormProps, kind: Kind): Replaying {
  const office = useOffice();
  const work = useWork();
  const [answer, setAnswer] = useState<ReplayAnswer | null>(null);
  const send = (form: HTMLFormElement, dryRun: boolean): void => {
    if (!form.reportValidity()) {
      return;
    }
    const words = new FormData(form);
    const what = whatOf(kind, words, chosen);
    work.run(async () => {
      setAnswer(null);
      setAnswer(await office.replay({ what, reason: word(words, "reason"), dryRun }));
      if (!dryRun) {
        onDone();
      }
    });
  };
  return { work, answer, send, forget: () => setAnswer(null) };
}

export function ReplayForm(props: ReplayFormProps) {
  const { t } = useTranslation();
  const { chosen } = props;
  const [kind, setKind] = useState<Kind>("one");
  const { work, answer, send, forget } = useReplay(props, kind);
  const choose = (option: Kind): void => {
    setKind(option);
    forget();
  };
  const isEmpty = kind === "one" && chosen.length === 0;
  return (
    <details className="card">
      <summary>{t("admin.replay")}</summary>
      <p className="muted">{t("admin.replayHint")}</p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          send(event.currentTarget, true);
        }}
      >
        <Kinds kind={kind} count={chosen.length} onChoose={choose} />
        {kind !== "one" && <Bounds kind={kind} />}
        <Field label={t("admin.reason")}>
          <input name="reason" required maxLength={200} />
        </Field>
        <p className="buttons">
          <button type="submit" className="button" disabled={work.isWorking || isEmpty}>
            {t("admin.dryRun")}
          </button>
          <button
            type="button"
            className="button button-danger"
            disabled={work.isWorking || answer?.dryRun !== true || answer.count === 0}
            onClick={({ currentTarget }) => {
              if (currentTarget.form !== null) {
                send(currentTarget.form, false);
              }
            }}
          >
            {t("admin.replay")}
          </button>
        </p>
        <p role="status">
          {answer !== null &&
            t(answer.dryRun ? "admin.dryResult" : "admin.replayed", { count: answer.count })}
        </p>
        <WorkError work={work} />
      </form>
    </details>
  );
}

interface KindsProps {
  readonly kind: Kind;
  /** Deliveries that are ticked. */
  readonly count: number;
  readonly onChoose: (kind: Kind) => void;
}

function Kinds({ kind, count, onChoose }: KindsProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="choices">
      <legend>{t("admin.what")}</legend>
      {KINDS.map((option) => (
        <label key={option}>
          <input
            type="radio"
            name="kind"
            checked={option === kind}
            onChange={() => onChoose(option)}
          />
          {t(`admin.${WORDS[option]}`, { count })}
        </label>
      ))}
    </fieldset>
  );
}

function Bounds({ kind }: { readonly kind: "range" | "missing" }) {
  const { t } = useTranslation();
  return (
    <div className="filter-form">
      <Field label={t("admin.department")}>
        <DepartmentSelect name="department" none={kind === "range" ? "" : t("common.all")} />
      </Field>
      {kind === "range" && (
        <>
          <Field label={t("admin.from")}>
            <input type="datetime-local" name="from" step="1" required />
          </Field>
          <Field label={t("admin.to")}>
            <input type="datetime-local" name="to" step="1" required />
          </Field>
        </>
      )}
    </div>
  );
}

function whatOf(kind: Kind, words: FormData, chosen: readonly string[]): Replay["what"] {
  const department = word(words, "department");
  // The operator's own zone, as everywhere in the page.
  const time = (name: string): string => new Date(word(words, name)).toISOString();
  const what =
    kind === "one"
      ? { kind, ids: chosen }
      : kind === "range"
        ? { kind, department, from: time("from"), to: time("to") }
        : { kind, ...(department === "" ? {} : { department }) };
  // Codes and ids come from the brain's own lists; it checks them again.
  return what as Replay["what"];
}
