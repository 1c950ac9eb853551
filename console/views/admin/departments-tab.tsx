/** Departments of the directory, its files, and who changed them. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DirectoryView } from "../../../protocol/index.ts";
import { CsvButton, DataTable, type Column } from "../data-table.tsx";
import { useAnswer, useOffice } from "../office.tsx";
import { useLanguage } from "../wording.tsx";
import { DirectoryFiles } from "./directory-files.tsx";
import { AskState, At, Field, word } from "./parts.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";

type Department = DirectoryView["departments"][number];
type Asking =
  | { readonly act: "edit"; readonly department: Department | null }
  | { readonly act: "remove"; readonly department: Department };

export function DepartmentsTab() {
  const { t } = useTranslation();
  const office = useOffice();
  const answer = useAnswer("directory", (signal) => office.directory(signal));
  const [asking, setAsking] = useState<Asking | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const columns = useColumns(setAsking);
  const rows = answer.value?.departments ?? [];
  const version = answer.value?.version ?? 0;
  const done = (next: number): void => {
    setTold(t("manage.saved", { version: next }));
    answer.reload();
  };
  return (
    <>
      {asking !== null && (
        <DepartmentDialog
          asking={asking}
          version={version}
          onDone={done}
          onClose={() => setAsking(null)}
        />
      )}
      <section className="card table-card" aria-label={t("manage.departments")}>
        <h3>
          {t("manage.departments")}
          <CsvButton
            name="departments"
            title={t("manage.departments")}
            columns={columns}
            rows={rows}
          />
          <button
            type="button"
            className="button button-small"
            onClick={() => setAsking({ act: "edit", department: null })}
          >
            {t("manage.addDepartment")}
          </button>
        </h3>
        <AskState {...answer} onRetry={answer.reload} />
        <p role="status">{told}</p>
        {answer.value !== null && (
          <DataTable
            label={t("manage.departments")}
            columns={columns}
            rows={rows}
            keyOf={({ code }) => code}
          />
        )}
      </section>
      <DirectoryFiles version={version} onDone={done} />
      <History entries={answer.value?.history ?? []} />
    </>
  );
}

function useColumns(ask: (asking: Asking) => void): readonly Column<Department>[] {
  const { t } = useTranslation();
  const language = useLanguage();
  const plain = (name: "id" | "contact" | "phone" | "note"): Column<Department> => ({
    head: t(`manage.${name}`),
    cell: (row) => (row[name] === "" ? "–" : row[name]),
    csv: (row) => row[name],
  });
  const name = (row: Department): string => row[language] || row.zh;
  return [
    {
      head: t("manage.code"),
      cell: ({ code }) => <b className="mono">{code}</b>,
      csv: (row) => row.code,
    },
    { head: t("admin.department"), cell: name, csv: name },
    plain("id"),
    plain("contact"),
    plain("phone"),
    {
      head: t("manage.state"),
      cell: ({ disabled }) => (
        <span className="lamp" data-well={disabled === ""}>
          {disabled === "" ? t("manage.active") : t("manage.disabledBecause", { why: disabled })}
        </span>
      ),
      csv: ({ disabled }) => disabled,
    },
    {
      head: t("manage.openTasks"),
      cell: ({ openTasks }) => openTasks,
      csv: ({ openTasks }) => openTasks,
      isNumber: true,
    },
    {
      head: t("admin.actions"),
      cell: (department) => (
        <span className="buttons">
          {(["edit", "remove"] as const).map((act) => (
            <button
              key={act}
              type="button"
              className="button button-small"
              onClick={() => ask({ act, department })}
            >
              {t(act === "edit" ? "manage.edit" : "admin.remove")}{" "}
              <span className="sr-only">{name(department)}</span>
            </button>
          ))}
        </span>
      ),
    },
  ];
}

const FIELDS = ["id", "zh", "en", "contact", "phone", "note"] as const;
const REQUIRED: readonly string[] = ["id", "zh"];

function DepartmentDialog(props: {
  readonly asking: Asking;
  readonly version: number;
  readonly onDone: (version: number) => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const office = useOffice();
  const { asking, version, onDone, onClose } = props;
  const { department } = asking;
  const seen = { expectedVersion: version };
  if (asking.act === "remove") {
    const { code } = asking.department;
    return (
      <ReasonDialog
        title={`${t("manage.removeDepartment")} · ${code}`}
        hint={t("manage.removeHint")}
        onClose={onClose}
        onConfirm={async (reason) => {
          onDone((await office.removeDepartment(code, { ...seen, reason })).version);
        }}
      />
    );
  }
  return (
    <ReasonDialog
      title={t(department === null ? "manage.addDepartment" : "manage.editDepartment")}
      onClose={onClose}
      onConfirm={async (reason, words) => {
        const code = department?.code ?? word(words, "code");
        const said = Object.fromEntries(
          [...FIELDS, "disabled"].map((name) => [name, word(words, name)]),
        );
        const edit = { ...seen, reason, department: { ...said, code } };
        onDone((await office.putDepartment(code, edit)).version);
      }}
    >
      <DepartmentFields department={department} />
    </ReasonDialog>
  );
}

function DepartmentFields({ department }: { readonly department: Department | null }) {
  const { t } = useTranslation();
  return (
    <>
      <Field label={t("manage.code")}>
        {department === null ? (
          <input name="code" required pattern="[A-Z]{2}" autoComplete="off" />
        ) : (
          <input name="code" readOnly value={department.code} />
        )}
      </Field>
      {FIELDS.map((name) => (
        <Field key={name} label={t(`manage.${name}`)}>
          <input
            name={name}
            defaultValue={department?.[name] ?? ""}
            required={REQUIRED.includes(name)}
            autoComplete="off"
          />
        </Field>
      ))}
      <Field label={t("manage.disabledWhy")}>
        <input
          name="disabled"
          defaultValue={department?.disabled ?? ""}
          maxLength={200}
          autoComplete="off"
        />
      </Field>
    </>
  );
}

function History({ entries }: { readonly entries: DirectoryView["history"] }) {
  const { t } = useTranslation();
  const columns: readonly Column<DirectoryView["history"][number]>[] = [
    { head: "#", cell: ({ version }) => version, isNumber: true },
    { head: t("manage.at"), cell: ({ at }) => <At at={at} /> },
    { head: t("manage.who"), cell: ({ actor }) => <span className="mono wrap">{actor}</span> },
    { head: t("manage.why"), cell: ({ reason }) => reason ?? "–" },
  ];
  return (
    <section className="card table-card" aria-label={t("manage.history")}>
      <h3>{t("manage.history")}</h3>
      <DataTable
        label={t("manage.history")}
        columns={columns}
        rows={entries}
        keyOf={({ version }) => String(version)}
      />
    </section>
  );
}
