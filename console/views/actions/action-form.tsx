/** The form of an action on a case. */
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import type { CaseSummary } from "../../../protocol/index.ts";
import {
  fieldsOf,
  initialValues,
  type ActionContext,
  type ActionOffer,
} from "../../model/index.ts";
import { useBrainNow, useSelect } from "../context.tsx";
import { useLanguage } from "../wording.tsx";
import { nameOf, type ActionBarState } from "./action-bar.tsx";
import { useCommands } from "./context.tsx";
import { FormDialog } from "./form-dialog.tsx";
import { stepsOf } from "./steps.ts";
import { useChoices } from "./use-choices.ts";

interface ActionFormProps {
  readonly offer: ActionOffer;
  readonly context: ActionContext & { readonly summary: CaseSummary };
  readonly bar: ActionBarState;
}

export function ActionForm({ offer, context, bar }: ActionFormProps) {
  const { t } = useTranslation();
  const { api } = useCommands();
  const language = useLanguage();
  const catalogue = useSelect((state) => state.catalogue);
  const nowMs = useBrainNow(false);
  const { summary } = context;
  const routedCo = context.work?.routedCo;
  const choices = useChoices(summary, routedCo);
  const fields = fieldsOf(offer);
  const { press, follow, onAnswer } = bar;
  return (
    <FormDialog
      title={`${nameOf(offer, t)} · ${summary.number}`}
      hint={hintOf(offer, context, t)}
      fields={fields}
      initial={initialValues(fields, { summary, catalogue, routedCo, nowMs, language })}
      choices={choices}
      press={press}
      onSubmit={(values) => {
        const steps = stepsOf({ api, offer, context, values, onAnswer });
        void follow(press.begin(summary.version, steps));
      }}
      onResend={() => void follow(press.resend())}
      onAgain={({ version }) => void follow(press.again(version))}
      onLook={bar.close}
      onClose={bar.close}
    />
  );
}

const HINTED = [
  "reject",
  "dispatch",
  "rule",
  "handle",
  "suspend",
  "whistle",
  "cancel",
  "evaluate",
] as const;

function hintOf(offer: ActionOffer, { work }: ActionContext, t: TFunction): string | undefined {
  if (offer.filesFirst) {
    return t("actions.hint.fileDispatch");
  }
  if (offer.kind === "cancel" && (work?.cancelAskedBy ?? null) !== null) {
    return t("actions.hint.cancelSecond");
  }
  const kind = HINTED.find((one) => one === offer.kind);
  return kind === undefined ? undefined : t(`actions.hint.${kind}`);
}
