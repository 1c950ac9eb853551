/** What keeps a case from retention: why, until when, and a supervisor's buttons. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseDetail, CaseSummary } from "../../../protocol/index.ts";
import { may, toLocalMinute, type Field, type FormValues, type Step } from "../../model/index.ts";
import { useCommands } from "../actions/context.tsx";
import { FormDialog } from "../actions/form-dialog.tsx";
import { usePress } from "../actions/use-press.ts";
import { useBrainNow, useSelect } from "../context.tsx";
import { useTimeWords } from "../wording.tsx";

interface HoldProps extends Pick<CaseDetail, "hold"> {
  readonly summary: CaseSummary;
}

type What = "place" | "release";

export function Hold({ hold, summary }: HoldProps) {
  const { t } = useTranslation();
  const canHold = useSelect((state) => may(state.session, "evidence.hold"));
  const [asking, setAsking] = useState<What | null>(null);
  const [done, setDone] = useState<What | null>(null);
  const ask = (what: What): void => {
    setDone(null);
    setAsking(what);
  };
  return (
    <div className="hold" data-held={hold !== null}>
      <h4>{t("hold.title")}</h4>
      {hold === null ? <p className="muted">{t("hold.none")}</p> : <HoldWords hold={hold} />}
      {canHold && (
        <p className="buttons">
          <button type="button" className="button button-small" onClick={() => ask("place")}>
            {t(hold === null ? "hold.place" : "hold.change")}
          </button>
          {hold !== null && (
            <button type="button" className="button button-small" onClick={() => ask("release")}>
              {t("hold.release")}
            </button>
          )}
        </p>
      )}
      <p className="action-done" role="status">
        {done !== null && t(done === "place" ? "hold.placed" : "hold.released")}
      </p>
      {asking !== null && (
        <HoldForm
          what={asking}
          hold={hold}
          summary={summary}
          onDone={() => {
            setAsking(null);
            setDone(asking);
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}

function HoldWords({ hold }: { readonly hold: NonNullable<CaseDetail["hold"]> }) {
  const { t } = useTranslation();
  const times = useTimeWords();
  return (
    <p className="hold-words">
      <b>
        {t("hold.until")} <span className="mono">{times.dateTime(hold.until)}</span>
      </b>
      <span className="wrap">{hold.reason}</span>
      <span className="muted" title={hold.placedBy}>
        {t("hold.by", { who: t("actor.supervisor") })}{" "}
        <span className="mono">{times.dateTime(hold.placedAt)}</span>
      </span>
    </p>
  );
}

const REASON: Field = { name: "reason", kind: "words", required: true, maxLength: 500 };
const UNTIL: Field = { name: "heldUntil", kind: "when", required: true };
const FIELDS: Readonly<Record<What, readonly Field[]>> = {
  place: [REASON, UNTIL],
  release: [REASON],
};
/** What is proposed: as long as a first inquiry may take. */
const PROPOSED_MS = 180 * 86_400_000;

interface HoldFormProps extends HoldProps {
  readonly what: What;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function HoldForm({ what, hold, summary, onDone, onClose }: HoldFormProps) {
  const { t } = useTranslation();
  const { api } = useCommands();
  const press = usePress();
  const nowMs = useBrainNow(false);
  const isPlacing = what === "place";
  const untilMs = hold === null ? nowMs + PROPOSED_MS : Date.parse(hold.until);
  const submit = (values: FormValues): void => {
    const reason = String(values["reason"]).trim();
    const step: Step = async (version, key) => {
      if (isPlacing) {
        const until = new Date(String(values["heldUntil"])).toISOString();
        await api.hold(summary.id, { reason, until });
      } else {
        await api.releaseHold(summary.id, reason, key);
      }
      onDone();
      return version;
    };
    void press.begin(summary.version, [step]);
  };
  return (
    <FormDialog
      title={`${t(isPlacing ? "hold.place" : "hold.release")} · ${summary.number}`}
      hint={t(isPlacing ? "hold.placeHint" : "hold.releaseHint")}
      fields={FIELDS[what]}
      initial={{
        reason: isPlacing ? (hold?.reason ?? "") : "",
        heldUntil: toLocalMinute(untilMs),
      }}
      choices={{ lead: null, departments: [] }}
      press={press}
      onSubmit={submit}
      onResend={() => void press.resend()}
      onAgain={press.reset}
      onLook={press.reset}
      onClose={onClose}
    />
  );
}
