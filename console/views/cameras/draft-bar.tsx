/** What a draft changes, and putting it live with a reason. */
import { useState } from "react";
import type { PlanEdit } from "../../../protocol/index.ts";
import { changesOf, isStale, type RuleChange } from "../../model/cameras/index.ts";
import { ApiError, may } from "../../model/index.ts";
import { useSelect } from "../context.tsx";
import type { CameraPartProps } from "./camera-page.tsx";
import { useCameraApi, useWords } from "./context.tsx";
import { BothWords } from "./newer-plan.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";
import type { UsedDraft } from "./use-draft.ts";
import { useKeyed, useTask } from "./use-task.ts";

interface DraftBarProps extends CameraPartProps {
  readonly used: UsedDraft;
}

export function DraftBar(props: DraftBarProps) {
  const words = useWords();
  const { used, detail } = props;
  const canManage = useSelect((state) => may(state.session, "camera.manage"));
  const [asking, setAsking] = useState<"live" | "file" | null>(null);
  const [done, setDone] = useState("");
  const changes = changesOf(used.draft).filter(({ kind }) => kind !== "same");
  const faulty = used.draft.rules.filter(
    (rule) =>
      changes.some(({ id }) => id === rule.id) &&
      Object.values(used.faultsOfRule(rule)).some(({ kind }) => kind !== "said"),
  );
  const canSend = faulty.length === 0 && !used.isBehind;
  return (
    <div className="draft-bar" data-dirty={used.isChanged}>
      {used.isChanged && (
        <>
          <p>
            <b>{words("draft.title")}</b> <Counts changes={changes} />
            {faulty.length > 0 && (
              <span className="form-error">
                {" "}
                {words("draft.faulty", { names: faulty.map(({ id }) => id).join(", ") })}
              </span>
            )}
          </p>
          {used.both.length > 0 && !used.isBehind && <BothWords both={used.both} isLaid />}
          <p className="buttons">
            <button
              type="button"
              className="button action-main"
              aria-disabled={!canSend}
              onClick={() => {
                setDone("");
                setAsking(canSend ? "live" : null);
              }}
            >
              {words("draft.live")}
            </button>
            <button type="button" className="button" onClick={used.discard}>
              {words("draft.discard")}
            </button>
          </p>
        </>
      )}
      {canManage && !used.isChanged && detail.plan.rules !== null && detail.scene !== null && (
        <button type="button" className="button button-small" onClick={() => setAsking("file")}>
          {words("draft.toFile")}
        </button>
      )}
      <p className="form-done" role="status">
        {done}
      </p>
      {asking !== null && (
        <LiveDialog {...props} what={asking} onClose={() => setAsking(null)} onDone={setDone} />
      )}
    </div>
  );
}

function Counts({ changes }: { readonly changes: readonly RuleChange[] }) {
  const words = useWords();
  return (
    <>
      {changes
        .map(({ kind, id }) => `${words(`change.${kind as "added"}`)} ${id}`)
        .join(words("listComma"))}
    </>
  );
}

interface LiveDialogProps extends DraftBarProps {
  readonly what: "live" | "file";
  readonly onClose: () => void;
  readonly onDone: (words: string) => void;
}

function LiveDialog({
  what,
  used,
  detail,
  cameraRef,
  onDetail,
  onLook,
  onClose,
  onDone,
}: LiveDialogProps) {
  const words = useWords();
  const api = useCameraApi();
  const task = useTask();
  const keyed = useKeyed();
  const rules = what === "file" ? null : used.draft.rules;
  const ids = (rules ?? detail.scene?.fileRules ?? []).map(({ id }) => id);
  const send = async (reason: string): Promise<void> => {
    const edit: PlanEdit = {
      baseVersion: used.draft.base.version,
      analysed: detail.plan.analysed,
      paused: detail.plan.paused.filter((id) => ids.includes(id)),
      rules: rules === null ? null : [...rules],
      reason,
    };
    await task.run(async () => {
      try {
        const next = await keyed(edit, (key) => api.putPlan(cameraRef, edit, key));
        onDetail(next);
        used.discard();
        onDone(words("draft.sent", { version: next.plan.version }));
        onClose();
      } catch (cause) {
        const problem = cause instanceof ApiError ? cause.problem : null;
        if (isStale(problem)) {
          // The page then shows who was first, and what they changed; the draft stays.
          onLook();
          onClose();
        } else if (problem !== null && used.show(problem)) {
          onClose();
        }
        throw cause;
      }
    });
  };
  return (
    <ReasonDialog
      title={words(what === "file" ? "draft.toFile" : "draft.live")}
      hint={words(what === "file" ? "draft.toFileHint" : "draft.liveHint")}
      submit={words(what === "file" ? "draft.toFile" : "draft.liveNow")}
      usual={[words("reason.falseAlarms"), words("reason.missed"), words("reason.newDuty")]}
      task={task}
      onSubmit={(reason) => void send(reason)}
      onClose={onClose}
    />
  );
}
