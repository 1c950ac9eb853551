/** Merging with another case and splitting alarms off: the buttons, their keys, and what came. */
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseActionOffer, CaseSummary, RegroupAnswer } from "../../../protocol/index.ts";
import { ACTION_KEYS } from "../../model/index.ts";
import { useSingleKeys } from "../actions/keys.ts";
import { caseHref } from "../context.tsx";

const MergeForm = lazy(async () => ({ default: (await import("./regroup-forms.tsx")).MergeForm }));
const SplitForm = lazy(async () => ({ default: (await import("./regroup-forms.tsx")).SplitForm }));

const KINDS = ["regroup", "split"] as const;
type Kind = (typeof KINDS)[number];
const WORDS = { regroup: "merge", split: "split" } as const;

interface RegroupProps {
  readonly summary: CaseSummary;
  readonly actions: readonly CaseActionOffer[];
}

interface Done {
  readonly kind: Kind;
  readonly answer: RegroupAnswer;
}

export function Regroup({ summary, actions }: RegroupProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Kind | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const kinds = KINDS.filter((kind) => actions.some((offer) => offer.kind === kind));
  useSingleKeys((key) => {
    const kind = kinds.find((one) => ACTION_KEYS[one] === key);
    if (kind !== undefined) {
      setOpen(kind);
    }
    return kind !== undefined;
  });
  const Form = open === "regroup" ? MergeForm : SplitForm;
  return (
    <>
      {kinds.length > 0 && (
        <div className="regroup-buttons">
          {kinds.map((kind) => (
            <button
              key={kind}
              type="button"
              className="button button-small"
              data-action={kind}
              aria-keyshortcuts={ACTION_KEYS[kind]}
              onClick={() => setOpen(kind)}
            >
              {t(`regroup.${WORDS[kind]}`)} <kbd>{ACTION_KEYS[kind]}</kbd>
            </button>
          ))}
        </div>
      )}
      <p className="action-done" role="status">
        {done !== null && <DoneWords {...done} />}
      </p>
      {open !== null && (
        <Suspense fallback={<p role="status">{t("nav.loading")}</p>}>
          <Form
            summary={summary}
            onDone={(answer) => {
              setOpen(null);
              setDone({ kind: open, answer });
            }}
            onClose={() => setOpen(null)}
          />
        </Suspense>
      )}
    </>
  );
}

function DoneWords({ kind, answer }: Done) {
  const { t } = useTranslation();
  const left = answer.case;
  if (left === null) {
    return t("regroup.splitQuiet");
  }
  const number = left.number;
  return (
    <>
      {t(kind === "regroup" ? "regroup.merged" : "regroup.splitDone", { number })}{" "}
      {left.id !== answer.own.id && (
        <a className="link" href={caseHref(left.id)}>
          {t("actions.joined.open", { number })}
        </a>
      )}
    </>
  );
}
