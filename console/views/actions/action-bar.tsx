/** Everything that this viewer may do next to a case, by button and by key. */
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import type { CaseSummary, TimelineItem } from "../../../protocol/index.ts";
import {
  ACTION_KEYS,
  actionsFor,
  ELSEWHERE,
  fieldsOf,
  nextActions,
  type ActionContext,
  type ActionOffer,
} from "../../model/index.ts";
import { ActionForm } from "./action-form.tsx";
import { useCommands } from "./context.tsx";
import { useSingleKeys } from "./keys.ts";
import { Outcome } from "./outcome.tsx";
import { type Ahead, stepsOf } from "./steps.ts";
import { usePress, type UsedPress } from "./use-press.ts";
import { useWork } from "./use-work.ts";

interface ActionBarProps {
  readonly summary: CaseSummary;
  readonly timeline: readonly TimelineItem[];
  /** Narrows what is offered: a desk shows a department's actions only. */
  readonly only?: (offer: ActionOffer) => boolean;
}

interface Opened {
  readonly offer: ActionOffer;
  /** As the operator saw the case when the form was opened. */
  readonly context: ActionContext & { readonly summary: CaseSummary };
}

/** Give it the case's id as key: another case starts anew. */
export function ActionBar({ summary, timeline, only }: ActionBarProps) {
  const { t } = useTranslation();
  const bar = useActionBar(summary, timeline, only);
  const main = bar.offers.filter(({ isAside }) => !isAside);
  const aside = bar.offers.filter(({ isAside }) => isAside);
  return (
    <section className="actions" aria-label={t("actions.title")}>
      <div className="actions-row">
        {main.map((offer, index) => (
          <ActionButton key={offer.kind} offer={offer} isMain={index === 0} bar={bar} />
        ))}
        {bar.offers.length === 0 && (
          <p className="muted">{t(bar.isKnown ? "actions.none" : "actions.loading")}</p>
        )}
        {aside.length > 0 && (
          <span className="actions-aside" role="group" aria-label={t("actions.more")}>
            {aside.map((offer) => (
              <ActionButton key={offer.kind} offer={offer} isMain={false} bar={bar} />
            ))}
          </span>
        )}
      </div>
      {bar.opened === null && (
        <Outcome
          state={bar.press.state}
          onResend={() => void bar.follow(bar.press.resend())}
          onLook={bar.close}
          onAgain={({ version }) => void bar.follow(bar.press.again(version))}
          onDismiss={bar.close}
        />
      )}
      <p className="action-done" role="status">
        {bar.done !== null &&
          bar.press.state.kind === "done" &&
          t("actions.done", { action: nameOf(bar.done, t) })}
      </p>
      {bar.workFailed && <p className="form-error">{t("actions.loadFailed")}</p>}
      {bar.opened !== null && <ActionForm {...bar.opened} bar={bar} />}
    </section>
  );
}

export interface ActionBarState {
  readonly offers: readonly ActionOffer[];
  readonly press: UsedPress;
  readonly opened: Opened | null;
  /** What was begun last. */
  readonly done: ActionOffer | null;
  readonly workFailed: boolean;
  /** False while the brain has not told what may be done in this state. */
  readonly isKnown: boolean;
  readonly run: (offer: ActionOffer) => void;
  /** Waits for a press, and goes on with what its outcome allows. */
  readonly follow: (sent: ReturnType<UsedPress["resend"]>) => Promise<void>;
  readonly close: () => void;
  readonly onAnswer: (ahead: Ahead) => void;
}

function useActionBar(
  summary: CaseSummary,
  timeline: readonly TimelineItem[],
  only: ActionBarProps["only"],
): ActionBarState {
  const [ahead, setAhead] = useState<Ahead | null>(null);
  const standing = withAhead(summary, ahead);
  const { work, failed } = useWork(summary.id, standing.version);
  const offersAt: OffersAt = (at, told) => {
    const context = { summary: at, work, actions: actionsFor(at, work, told), timeline };
    const offers = nextActions(context).filter(
      (offer) => !ELSEWHERE.includes(offer.kind) && (only?.(offer) ?? true),
    );
    return { context, offers };
  };
  const { context, offers } = offersAt(standing, ahead);
  const isKnown = context.actions !== null;
  const actions = useActions(standing, ahead, isKnown, offersAt, setAhead);
  return { ...actions, offers, isKnown, workFailed: failed };
}

interface Offered {
  readonly context: Opened["context"];
  readonly offers: readonly ActionOffer[];
}

type OffersAt = (at: CaseSummary, told: Ahead | null) => Offered;
type Acting = Omit<ActionBarState, "offers" | "workFailed" | "isKnown">;

function useActions(
  standing: CaseSummary,
  ahead: Ahead | null,
  isKnown: boolean,
  offersAt: OffersAt,
  setAhead: (ahead: Ahead) => void,
): Acting {
  const { api } = useCommands();
  const press = usePress();
  const [opened, setOpened] = useState<Opened | null>(null);
  const [done, setDone] = useState<ActionOffer | null>(null);
  const answered = useRef<Ahead | null>(null);
  const waiting = useWaitingKey();

  const onAnswer = (answer: Ahead): void => {
    answered.current = answer;
    setAhead(answer);
  };
  const begin = (offer: ActionOffer, context: Opened["context"]): void => {
    setDone(offer);
    if (fieldsOf(offer).length > 0) {
      press.reset();
      setOpened({ offer, context });
      return;
    }
    const steps = stepsOf({ api, offer, context, values: {}, onAnswer });
    void follow(press.begin(context.summary.version, steps));
  };
  const beginByKey = (key: string | null, at: CaseSummary, told: Ahead | null): boolean => {
    const { context, offers } = offersAt(at, told);
    if (context.actions === null && isActionKey(key)) {
      return waiting.keep(key);
    }
    const offer = offers.find((one) => one.key === key);
    if (offer !== undefined) {
      begin(offer, context);
    }
    return offer !== undefined;
  };
  const follow: Acting["follow"] = async (sent) => {
    const state = await sent;
    const key = waiting.drop();
    if (state.kind === "conflict") {
      setAhead(state.conflict);
    }
    if (state.kind === "done") {
      setOpened(null);
      // A key that was pressed meanwhile counts for the case as it is now.
      beginByKey(key, withAhead(standing, answered.current), answered.current);
    }
  };
  const take = (key: string): boolean =>
    press.state.kind === "working" ? waiting.keep(key) : beginByKey(key, standing, ahead);
  useSingleKeys(take);
  useTaken(waiting, isKnown && press.state.kind !== "working", take);
  const close = (): void => {
    setOpened(null);
    press.reset();
  };
  const run = (offer: ActionOffer): void => void take(offer.key);
  return { press, opened, done, run, follow, close, onAnswer };
}

interface WaitingKey {
  readonly keep: (key: string | null) => true;
  readonly drop: () => string | null;
}

/** A key that was pressed while something was under way, or before the list had come. */
function useWaitingKey(): WaitingKey {
  const waiting = useRef<string | null>(null);
  return {
    keep: (key) => {
      waiting.current = key;
      return true;
    },
    drop: () => {
      const key = waiting.current;
      waiting.current = null;
      return key;
    },
  };
}

function useTaken(waiting: WaitingKey, isFree: boolean, take: (key: string) => boolean): void {
  useEffect(() => {
    const key = isFree ? waiting.drop() : null;
    if (key !== null) {
      take(key);
    }
  });
}

function isActionKey(key: string | null): boolean {
  return Object.entries(ACTION_KEYS).some(
    ([kind, one]) => one === key && !(ELSEWHERE as readonly string[]).includes(kind),
  );
}

function withAhead(summary: CaseSummary, ahead: Ahead | null): CaseSummary {
  return ahead === null || ahead.version <= summary.version
    ? summary
    : { ...summary, state: ahead.state, version: ahead.version };
}

interface ButtonProps {
  readonly offer: ActionOffer;
  readonly isMain: boolean;
  readonly bar: ActionBarState;
}

function ActionButton({ offer, isMain, bar }: ButtonProps) {
  const { t } = useTranslation();
  const isWorking = bar.press.state.kind === "working";
  return (
    <button
      type="button"
      className={isMain ? "button action-main" : "button"}
      aria-keyshortcuts={offer.key}
      aria-disabled={isWorking}
      data-action={offer.kind}
      onClick={() => bar.run(offer)}
    >
      {nameOf(offer, t)} <kbd>{keyName(offer.key)}</kbd>
    </button>
  );
}

export function nameOf(offer: Pick<ActionOffer, "kind" | "filesFirst">, t: TFunction): string {
  return offer.filesFirst ? t("actions.fileDispatch") : t(`actions.name.${offer.kind}`);
}

export function keyName(key: string): string {
  return key === "Delete" ? "Del" : key;
}
