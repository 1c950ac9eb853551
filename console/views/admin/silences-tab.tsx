/** What is silenced, until when, and how much each silence has kept back. */
import { type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import type { SilenceKind, SilenceView } from "../../../protocol/index.ts";
import { may, toLocalMinute, type SilenceWish } from "../../model/index.ts";
import { useCommands } from "../actions/index.ts";
import { useBrainNow, useSelect } from "../context.tsx";
import { CsvButton, DataTable, type Column } from "../data-table.tsx";
import { useAnswer } from "../office.tsx";
import { useNames } from "../wording.tsx";
import { AskState, At, Field, useWork, word, WorkError, type Work } from "./parts.tsx";

export function SilencesTab() {
  const { t } = useTranslation();
  const { api, newKey } = useCommands();
  const work = useWork();
  const answer = useAnswer("silences", (signal) => api.silences("all", signal), 30_000);
  const canManage = useSelect((state) => may(state.session, "silence.manage"));
  const end = (id: string): void => {
    if (window.confirm(t("silence.endSure"))) {
      const key = newKey();
      work.run(async () => {
        await api.endSilence(id, key);
        answer.reload();
      });
    }
  };
  const columns = useColumns(canManage ? end : null);
  const rows = answer.value?.items ?? [];
  return (
    <>
      <p className="muted">{t("silence.hint")}</p>
      {canManage && <SilenceForm onAdded={answer.reload} />}
      <section className="card table-card" aria-label={t("silence.title")}>
        <h3>
          {t("silence.title")}
          <CsvButton name="silences" title={t("silence.title")} columns={columns} rows={rows} />
        </h3>
        <AskState {...answer} onRetry={answer.reload} />
        <WorkError work={work} />
        {answer.value !== null && (
          <DataTable
            label={t("silence.title")}
            columns={columns}
            rows={rows}
            keyOf={({ id }) => id}
          />
        )}
      </section>
    </>
  );
}

type ScopeWords = (silence: SilenceView) => string;

function useScopeWords(): ScopeWords {
  const names = useNames();
  return ({ nodeId, cameraId, eventType, gridPrefix }) =>
    [
      cameraId === null ? nodeId : `${nodeId ?? ""}/${cameraId}`,
      eventType === null ? null : names.eventType(eventType),
      gridPrefix,
    ]
      .filter((part) => part !== null)
      .join(" · ");
}

function useColumns(end: ((id: string) => void) | null): readonly Column<SilenceView>[] {
  const { t } = useTranslation();
  const scope = useScopeWords();
  const actions: Column<SilenceView> = {
    head: t("admin.actions"),
    cell: (row) =>
      row.state === "planned" || row.state === "active" ? (
        <button type="button" className="button button-small" onClick={() => end?.(row.id)}>
          {t("silence.end")} <span className="sr-only">{scope(row)}</span>
        </button>
      ) : null,
  };
  return [
    {
      head: t("silence.stateLabel"),
      cell: (row) => <StateCell row={row} />,
      csv: ({ state }) => state,
    },
    {
      head: t("silence.what"),
      cell: (row) => <ScopeCell row={row} words={scope(row)} />,
      csv: scope,
    },
    {
      head: t("silence.reason"),
      cell: ({ reason }) => <span className="wrap">{reason}</span>,
      csv: ({ reason }) => reason,
    },
    { head: t("silence.from"), cell: ({ from }) => <At at={from} />, csv: ({ from }) => from },
    {
      head: t("silence.until"),
      cell: ({ until, endedAt }) => <At at={endedAt ?? until} />,
      csv: ({ until, endedAt }) => endedAt ?? until,
    },
    {
      head: t("silence.suppressed"),
      cell: ({ suppressed }) => t("silence.suppressedEvents", suppressed),
      csv: ({ suppressed }) => suppressed.alarms,
    },
    {
      head: t("silence.by"),
      cell: ({ createdBy }) => <span className="wrap">{createdBy}</span>,
      csv: ({ createdBy }) => createdBy,
    },
    ...(end === null ? [] : [actions]),
  ];
}

function StateCell({ row }: { readonly row: SilenceView }) {
  const { t } = useTranslation();
  const { state, overlaps } = row;
  return (
    <>
      <span className="mark" data-state={state}>
        {t(`silence.state.${state}`)}
      </span>
      {overlaps.length > 0 && (
        <small className="muted"> {t("silence.overlaps", { count: overlaps.length })}</small>
      )}
    </>
  );
}

function ScopeCell({ row, words }: { readonly row: SilenceView; readonly words: string }) {
  const { t } = useTranslation();
  return (
    <>
      <b className="wrap">{words}</b>{" "}
      <span className="mark">{t(`silence.kindShort.${row.kind}`)}</span>
      {row.lifeSafety && <span className="mark mark-bad">{t("silence.lifeSafetyMark")}</span>}
    </>
  );
}

const DAY_MS = 86_400_000;
const KINDS: readonly SilenceKind[] = ["silence", "maintenance"];

function SilenceForm({ onAdded }: { readonly onAdded: () => void }) {
  const { t } = useTranslation();
  const { api, newKey } = useCommands();
  const work = useWork();
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const wish = wishOf(new FormData(form));
    // Silencing danger to life takes a second word.
    if (wish.lifeSafety && !window.confirm(t("silence.lifeSafetySure"))) {
      return;
    }
    const key = newKey();
    work.run(async () => {
      await api.addSilence(wish, key);
      form.reset();
      onAdded();
    });
  };
  return (
    <details className="card">
      <summary>{t("silence.add")}</summary>
      <SilenceFields work={work} onSubmit={submit} />
    </details>
  );
}

interface FieldsProps {
  readonly work: Work;
  readonly onSubmit: (event: SubmitEvent<HTMLFormElement>) => void;
}

function SilenceFields({ work, onSubmit }: FieldsProps) {
  const { t } = useTranslation();
  const nowMs = useBrainNow(false);
  return (
    <form className="form" onSubmit={onSubmit}>
      <ScopeFields />
      <Field label={t("silence.until")}>
        <input
          type="datetime-local"
          name="until"
          required
          defaultValue={toLocalMinute(nowMs + DAY_MS)}
        />
      </Field>
      <Field label={t("silence.kindLabel")}>
        <select name="kind">
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {t(`silence.kind.${kind}`)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t("silence.reason")}>
        <input name="reason" required maxLength={500} autoComplete="off" />
      </Field>
      <label className="option">
        <input type="checkbox" name="lifeSafety" />
        {t("silence.lifeSafety")}
      </label>
      <p className="buttons">
        <button
          type="submit"
          className="button"
          aria-disabled={work.isWorking}
          aria-busy={work.isWorking}
        >
          {t(work.isWorking ? "actions.working" : "silence.add")}
        </button>
      </p>
      <WorkError work={work} />
    </form>
  );
}

function ScopeFields() {
  const { t } = useTranslation();
  const names = useNames();
  const health = useSelect((state) => state.health);
  const catalogue = useSelect((state) => state.catalogue);
  const cameras = (health?.nodes ?? []).flatMap(({ id, cameras: own }) =>
    own.map((camera) => `${id}/${camera.id}`),
  );
  return (
    <>
      <Field label={t("silence.camera")}>
        <select name="camera">
          <option value="">{t("silence.anyCamera")}</option>
          {cameras.map((camera) => (
            <option key={camera} value={camera}>
              {camera}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t("silence.type")}>
        <select name="eventType">
          <option value="">{t("silence.anyType")}</option>
          {catalogue?.eventTypes.map(({ code }) => (
            <option key={code} value={code}>
              {code} {names.eventType(code)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t("silence.grid")} hint={t("silence.gridHint")}>
        <input name="grid" inputMode="numeric" pattern="\d{6,15}" autoComplete="off" />
      </Field>
    </>
  );
}

/** The brain checks it again and says what is wrong. */
function wishOf(words: FormData): SilenceWish {
  const [nodeId = null, cameraId = null] = word(words, "camera").split("/").filter(Boolean);
  const given = (name: string): string | null => word(words, name) || null;
  return {
    kind: word(words, "kind") === "maintenance" ? "maintenance" : "silence",
    nodeId,
    cameraId,
    eventType: given("eventType"),
    gridPrefix: given("grid"),
    until: new Date(word(words, "until")).toISOString(),
    reason: word(words, "reason"),
    lifeSafety: word(words, "lifeSafety") !== "",
  };
}
