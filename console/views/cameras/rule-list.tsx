/** Every rule of the camera: what it tells, with which parameters, when; pausing takes two clicks. */
import { useState } from "react";
import type { PlannedRule } from "../../../protocol/index.ts";
import {
  changesOf,
  scheduleOf,
  toShown,
  type RuleChange,
  type RuleForm,
} from "../../model/cameras/index.ts";
import { useSelect } from "../context.tsx";
import { useLanguage } from "../wording.tsx";
import type { CameraPartProps } from "./camera-page.tsx";
import { useCameraApi, useWords } from "./context.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";
import { useScheduleWords } from "./schedule-input.tsx";
import type { UsedDraft } from "./use-draft.ts";
import { useKeyed, useTask } from "./use-task.ts";

interface RuleListProps extends CameraPartProps {
  readonly used: UsedDraft;
  readonly canManage: boolean;
  readonly onAdd: () => void;
}

export function RuleList(props: RuleListProps) {
  const words = useWords();
  const { used, canManage, kinds, onAdd } = props;
  const changes = new Map(changesOf(used.draft).map((change) => [change.id, change.kind]));
  const removed = used.draft.base.rules.filter(({ id }) => changes.get(id) === "removed");
  return (
    <section className="card rule-list" aria-label={words("rules.title")}>
      <h3>
        {words("rules.title")}
        {canManage && kinds !== null && (
          <button type="button" className="button button-small" onClick={onAdd}>
            {words("rules.add")}
          </button>
        )}
      </h3>
      {used.draft.rules.length === 0 && removed.length === 0 && (
        <p className="muted">{words("rules.none")}</p>
      )}
      <ol>
        {used.draft.rules.map((rule, index) => (
          <RuleItem
            key={rule.id}
            {...props}
            rule={rule}
            number={index + 1}
            change={changes.get(rule.id) ?? "same"}
          />
        ))}
        {removed.map((rule) => (
          <li key={rule.id} className="rule" data-change="removed">
            <b>{words(`kind.${rule.kind}`, { defaultValue: rule.kind })}</b>{" "}
            <span className="mono muted">{rule.id}</span> <Change kind="removed" />
            <p className="buttons">
              <button
                type="button"
                className="button button-small"
                onClick={() => used.restore(rule.id)}
              >
                {words("rules.restore")}
              </button>
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

interface RuleItemProps extends RuleListProps {
  readonly rule: PlannedRule;
  readonly number: number;
  readonly change: RuleChange["kind"];
}

function RuleItem(props: RuleItemProps) {
  const words = useWords();
  const language = useLanguage();
  const catalogue = useSelect((state) => state.catalogue);
  const scheduleWords = useScheduleWords();
  const { rule, number, change, used, canManage, detail } = props;
  const isPaused = detail.plan.paused.includes(rule.id);
  const kind = words(`kind.${rule.kind}`, { defaultValue: rule.kind });
  const type = catalogue?.eventTypes.find(({ code }) => code === rule.eventType);
  const form = used.forms.get(rule.kind);
  const hasFault = Object.keys(used.faultsOfRule(rule)).length > 0;
  return (
    <li className="rule" data-change={change} data-paused={isPaused}>
      <div className="rule-head">
        <span className="rule-number" data-tone={(number - 1) % 6}>
          {number}
        </span>
        <b>{kind}</b>
        <span className="mono muted">{rule.id}</span>
        {isPaused && <span className="tag tag-paused">{words("rules.paused")}</span>}
        {change !== "same" && <Change kind={change} />}
        {hasFault && change !== "same" && (
          <span className="form-error">{words("rules.faulty")}</span>
        )}
      </div>
      <p>
        {type === undefined ? rule.eventType : type[language]}{" "}
        <span className="code">{rule.eventType}</span>
        <span className="muted"> · {scheduleWords(scheduleOf(rule))}</span>
      </p>
      {form !== undefined && <Parameters rule={rule} form={form} />}
      {canManage && (
        <p className="buttons">
          <button type="button" className="button button-small" onClick={() => used.edit(rule.id)}>
            {words("rules.edit")}
            <span className="sr-only"> {rule.id}</span>
          </button>
          {change !== "added" && <PauseButton {...props} isPaused={isPaused} />}
          <button
            type="button"
            className="button button-small"
            onClick={() => used.remove(rule.id)}
          >
            {words("rules.remove")}
            <span className="sr-only"> {rule.id}</span>
          </button>
          {change === "changed" && (
            <button
              type="button"
              className="button button-small"
              onClick={() => used.restore(rule.id)}
            >
              {words("rules.restore")}
            </button>
          )}
        </p>
      )}
    </li>
  );
}

function Change({ kind }: { readonly kind: Exclude<RuleChange["kind"], "same"> }) {
  const words = useWords();
  return <span className="tag">{words(`change.${kind}`)}</span>;
}

function Parameters({ rule, form }: { readonly rule: PlannedRule; readonly form: RuleForm }) {
  const words = useWords();
  const option = (value: unknown): string =>
    words(`option.${String(value)}`, { defaultValue: String(value) });
  const shown = form.fields.flatMap((field) => {
    const value = rule[field.name];
    if (value === undefined || value === null) {
      return [];
    }
    const text =
      field.kind === "number"
        ? `${toShown(field, Number(value))} ${field.unit === null ? "" : words(`unit.${field.unit}`)}`
        : field.kind === "switch"
          ? words(value === true ? "yes" : "no")
          : Array.isArray(value)
            ? value.map(option).join(words("listComma"))
            : option(value);
    return [[field.name, text] as const];
  });
  return (
    <dl className="rule-parameters">
      {shown.map(([name, text]) => (
        <div key={name}>
          <dt>{words(`param.${name}`, { defaultValue: name })}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function PauseButton(props: RuleItemProps & { readonly isPaused: boolean }) {
  const words = useWords();
  const api = useCameraApi();
  const { rule, isPaused, cameraRef, onDetail } = props;
  const [isAsking, setAsking] = useState(false);
  const task = useTask();
  const keyed = useKeyed();
  const name = words(isPaused ? "rules.resume" : "rules.pause");
  const send = async (reason: string): Promise<void> => {
    await task.run(async () => {
      const wish = { rule: rule.id, paused: !isPaused, reason };
      onDetail(await keyed(wish, (key) => api.pause(cameraRef, wish, key)));
      setAsking(false);
    });
  };
  return (
    <>
      <button type="button" className="button button-small" onClick={() => setAsking(true)}>
        {name}
        <span className="sr-only"> {rule.id}</span>
      </button>
      {isAsking && (
        <ReasonDialog
          title={`${name} · ${rule.id}`}
          hint={words(isPaused ? "rules.resumeHint" : "rules.pauseHint")}
          submit={name}
          initial={words(isPaused ? "reason.resume" : "reason.pause")}
          usual={
            isPaused
              ? [words("reason.over"), words("reason.tested")]
              : [words("reason.falseAlarms"), words("reason.works"), words("reason.maintenance")]
          }
          task={task}
          onSubmit={(reason) => void send(reason)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
