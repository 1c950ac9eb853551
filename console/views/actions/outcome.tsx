/** What became of a press: working, no answer, refused, or somebody was first. */
import { useTranslation } from "react-i18next";
import type { TimelineItem } from "../../../protocol/index.ts";
import type { Conflict, PressState } from "../../model/index.ts";
import { Icon } from "../icons.tsx";
import { useNames, useTimeWords } from "../wording.tsx";
import { sentence } from "../case-detail/timeline.tsx";

interface OutcomeProps {
  readonly state: PressState;
  readonly onResend: () => void;
  readonly onLook: () => void;
  readonly onAgain: (conflict: Conflict) => void;
  readonly onDismiss: () => void;
}

export function Outcome(props: OutcomeProps) {
  const { t } = useTranslation();
  const { state } = props;
  if (state.kind === "working") {
    return (
      <p className="outcome outcome-working" role="status">
        <span className="spinner" aria-hidden="true" />
        {state.attempt === 1
          ? t("actions.working")
          : t("actions.retrying", { attempt: state.attempt })}
      </p>
    );
  }
  if (state.kind === "conflict") {
    return <ConflictBox {...props} conflict={state.conflict} />;
  }
  if (state.kind === "unanswered") {
    return (
      <div className="outcome outcome-bad" role="alert">
        <p>{t("actions.unanswered")}</p>
        <button type="button" className="button button-small" onClick={props.onResend}>
          {t("actions.resend")}
        </button>
      </div>
    );
  }
  return state.kind === "refused" ? <RefusedBox state={state} onDismiss={props.onDismiss} /> : null;
}

const CODES = [
  "STATE_CONFLICT",
  "ROLE_REFUSED",
  "PERMISSION_REFUSED",
  "COMMAND_REFUSED",
  "VERSION_STALE",
  "NOT_FOUND",
  "SESSION_REQUIRED",
  "RATE_LIMITED",
  "OVERLOADED",
  "BODY_MALFORMED",
] as const;

type Refused = Extract<PressState, { kind: "refused" }>;

function RefusedBox(props: { readonly state: Refused; readonly onDismiss: () => void }) {
  const { t } = useTranslation();
  const { problem } = props.state;
  const code = CODES.find((one) => one === problem?.code) ?? "other";
  return (
    <div className="outcome outcome-bad" role="alert">
      <p>
        {t("actions.refused", { reason: t(`actions.problem.${code}`) })}
        {problem !== null && <small lang="en">{problem.message}</small>}
      </p>
      <button type="button" className="button button-small" onClick={props.onDismiss}>
        {t("actions.dismissMessage")}
      </button>
    </div>
  );
}

interface ConflictProps extends OutcomeProps {
  readonly conflict: Conflict;
}

function ConflictBox({ conflict, onLook, onAgain }: ConflictProps) {
  const { t } = useTranslation();
  const names = useNames();
  const times = useTimeWords();
  const item = { actor: conflict.by, kind: conflict.did as TimelineItem["kind"], facts: {} };
  return (
    <div className="outcome outcome-conflict" role="alert">
      <h3>
        <Icon name="pulse" />
        {t("actions.conflict.title")}
      </h3>
      <p>
        {t("actions.conflict.body", {
          words: sentence(item, t, names),
          time: times.time(conflict.at),
          state: t(`state.${conflict.state}`),
        })}
      </p>
      <span className="outcome-buttons">
        <button type="button" className="button button-small" autoFocus onClick={onLook}>
          {t("actions.conflict.look")}
        </button>
        <button type="button" className="button button-small" onClick={() => onAgain(conflict)}>
          {t("actions.conflict.again")}
        </button>
      </span>
    </div>
  );
}
