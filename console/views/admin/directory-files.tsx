/** The directory's tables as files: download, change in a spreadsheet, try, bring into force. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DirectoryEditAnswer } from "../../../protocol/index.ts";
import { useOffice } from "../office.tsx";
import { Field, useWork, word, WorkError } from "./parts.tsx";

const FILES = [
  "roster.csv",
  "responders.csv",
  "calendar.csv",
  "working-hours.csv",
  "units.csv",
  "departments.csv",
  "routing.csv",
  "settings.csv",
] as const;

type FileName = (typeof FILES)[number];

interface DirectoryFilesProps {
  readonly version: number;
  readonly onDone: (version: number) => void;
}

export function DirectoryFiles({ version, onDone }: DirectoryFilesProps) {
  const { t } = useTranslation();
  const office = useOffice();
  const work = useWork();
  const [file, setFile] = useState<FileName>("roster.csv");
  const [answer, setAnswer] = useState<DirectoryEditAnswer | null>(null);
  const send = (form: HTMLFormElement | null, dryRun: boolean): void => {
    if (form?.reportValidity() !== true) {
      return;
    }
    const words = new FormData(form);
    work.run(async () => {
      setAnswer(null);
      const upload = words.get("upload");
      const text = upload instanceof File ? await upload.text() : "";
      const edit = { expectedVersion: version, reason: word(words, "reason"), text, dryRun };
      const given = await office.putDirectoryFile(file, edit);
      setAnswer(given);
      if (given.outcome === "imported") {
        onDone(given.version);
      }
    });
  };
  return (
    <details className="card">
      <summary>{t("manage.files")}</summary>
      <p className="muted">{t("manage.filesHint")}</p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          send(event.currentTarget, true);
        }}
      >
        <FileChoice file={file} onChoose={setFile} />
        <Field label={t("manage.upload")}>
          <input type="file" name="upload" accept=".csv,text/csv" required />
        </Field>
        <Field label={t("manage.reason")}>
          <input name="reason" required maxLength={500} autoComplete="off" />
        </Field>
        <p className="buttons">
          <button type="submit" className="button" disabled={work.isWorking}>
            {t("manage.tryFile")}
          </button>
          <button
            type="button"
            className="button"
            disabled={work.isWorking || answer?.outcome !== "tried"}
            onClick={({ currentTarget }) => send(currentTarget.form, false)}
          >
            {t("manage.applyFile")}
          </button>
        </p>
        <WorkError work={work} />
      </form>
      {answer !== null && <Outcome answer={answer} />}
    </details>
  );
}

function FileChoice(props: {
  readonly file: FileName;
  readonly onChoose: (file: FileName) => void;
}) {
  const { t } = useTranslation();
  const { file, onChoose } = props;
  return (
    <>
      <Field label={t("manage.file")}>
        <select value={file} onChange={({ target }) => onChoose(target.value as FileName)}>
          {FILES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
      <p>
        <a className="button button-small" href={`/v1/directory/files/${file}`} download={file}>
          {t("manage.download")} <span className="sr-only">{file}</span>
        </a>
      </p>
    </>
  );
}

function Outcome({ answer }: { readonly answer: DirectoryEditAnswer }) {
  const { t } = useTranslation();
  const { changes, problems, outcome } = answer;
  return (
    <div role="status">
      <ul>
        {changes.map((change) => (
          <li key={change.file}>{t("manage.changes", change)}</li>
        ))}
      </ul>
      {changes.length === 0 && outcome !== "refused" && <p>{t("manage.unchanged")}</p>}
      {problems.length > 0 && (
        <>
          <h4>{t("manage.problems")}</h4>
          <ul>
            {problems.map(({ where, message, expected, got, severity }) => (
              <li
                key={`${where} ${message} ${got ?? ""}`}
                className={severity === "error" ? "form-error" : "muted"}
              >
                <span className="mono">{where}</span>: {message}
                {expected !== undefined && `; expected ${expected}`}
                {got !== undefined && `; got ${got}`}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
