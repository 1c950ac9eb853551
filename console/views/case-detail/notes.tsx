/** What people have written about a case, and a form to write more. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseActionOffer, CaseSummary, TimelineItem } from "../../../protocol/index.ts";
import { ACTION_KEYS, fieldsOf, type FormValues, type Step } from "../../model/index.ts";
import { FormDialog } from "../actions/form-dialog.tsx";
import { useCommands } from "../actions/context.tsx";
import { useSingleKeys } from "../actions/keys.ts";
import { usePress } from "../actions/use-press.ts";
import { useSelect } from "../context.tsx";
import { Moment, useNames } from "../wording.tsx";
import { Card } from "./card.tsx";
import { actorWords } from "./timeline.tsx";

interface NotesProps {
  readonly summary: CaseSummary;
  readonly timeline: readonly TimelineItem[];
  readonly actions: readonly CaseActionOffer[];
}

export function NotesCard({ summary, timeline, actions }: NotesProps) {
  const { t } = useTranslation();
  const names = useNames();
  const [isOpen, setOpen] = useState(false);
  const [isDone, setDone] = useState(false);
  const mayWrite = actions.some(({ kind }) => kind === "note");
  useSingleKeys((key) => {
    const isNote = mayWrite && key === ACTION_KEYS.note;
    if (isNote) {
      setOpen(true);
    }
    return isNote;
  });
  const notes = timeline.filter(({ kind }) => kind === "noted");
  return (
    <Card title={t("notes.title")} area="notes" count={notes.length}>
      {notes.length === 0 && <p className="muted">{t("notes.none")}</p>}
      <ol className="notes">
        {notes.map((item) => (
          <li key={item.id}>
            <span className="note-head muted">
              <Moment at={item.at} exact /> {actorWords(item.actor, t, names)}
              {item.facts["audience"] === "all" && (
                <span className="mark">{t("notes.audience.all")}</span>
              )}
            </span>
            <span className="note-text">{String(item.facts["text"] ?? "")}</span>
          </li>
        ))}
      </ol>
      {mayWrite && (
        <button
          type="button"
          className="button button-small"
          data-action="note"
          aria-keyshortcuts={ACTION_KEYS.note}
          onClick={() => setOpen(true)}
        >
          {t("notes.add")} <kbd>{ACTION_KEYS.note}</kbd>
        </button>
      )}
      <p className="action-done" role="status">
        {isDone && t("notes.done")}
      </p>
      {isOpen && (
        <NoteForm
          summary={summary}
          onDone={() => {
            setOpen(false);
            setDone(true);
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </Card>
  );
}

interface NoteFormProps {
  readonly summary: CaseSummary;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function NoteForm({ summary, onDone, onClose }: NoteFormProps) {
  const { t } = useTranslation();
  const { api } = useCommands();
  const press = usePress();
  const isDepartment = useSelect((state) => (state.session?.viewer?.department ?? null) !== null);
  // What a department writes goes to the control room: there is nothing to choose.
  const fields = fieldsOf({ kind: "note", filesFirst: false }).filter(
    ({ name }) => !isDepartment || name !== "audience",
  );
  const submit = (values: FormValues): void => {
    const step: Step = async (version, key) => {
      const audience = values["audience"] === "all" ? "all" : "room";
      await api.note(summary.id, { text: String(values["text"]).trim(), audience }, key);
      onDone();
      return version;
    };
    void press.begin(summary.version, [step]);
  };
  return (
    <FormDialog
      title={`${t("notes.add")} · ${summary.number}`}
      hint={t("notes.hint")}
      fields={fields}
      initial={{ text: "", audience: "room" }}
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
