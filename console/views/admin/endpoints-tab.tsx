/** Where departments' messages go: state, last answers, address and secret. */
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { EndpointView, NodeSecretView } from "../../../protocol/index.ts";
import { may, type OfficeApi } from "../../model/index.ts";
import { useSelect } from "../context.tsx";
import { DataTable, type Column } from "../data-table.tsx";
import { useAnswer, useOffice } from "../office.tsx";
import { useNames } from "../wording.tsx";
import { DepartmentSelect } from "./deliveries-tab.tsx";
import { AskState, At, Field, Once, useWork, word, WorkError } from "./parts.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";

const OVERLAP_H = 24;
const MAX_OVERLAP_H = 168;

type Act = "rotate" | "endOverlap" | "move" | "toggle" | "fileNoted";
type Asking =
  | { readonly act: Act; readonly endpoint: EndpointView }
  | { readonly act: "rotate" | "endOverlap"; readonly node: NodeSecretView }
  | { readonly act: "add" };

interface Made {
  readonly name: string;
  readonly secret: string;
}

export function EndpointsTab() {
  const { t } = useTranslation();
  const office = useOffice();
  const endpoints = useAnswer("endpoints", (signal) => office.endpoints(signal), 10_000);
  const nodes = useAnswer("node-secrets", (signal) => office.nodeSecrets(signal), 30_000);
  const canManage = useSelect((state) => may(state.session, "endpoint.manage"));
  const [asking, setAsking] = useState<Asking | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const ask = canManage ? setAsking : null;
  const columns = useEndpointColumns(ask, setTold);
  return (
    <>
      {made !== null && (
        <Once
          title={`${t("manage.secret")} · ${made.name}`}
          hint={t("manage.secretOnce")}
          value={made.secret}
          onClose={() => setMade(null)}
        />
      )}
      {asking !== null && (
        <EndpointDialog
          asking={asking}
          onMade={setMade}
          onClose={() => {
            setAsking(null);
            endpoints.reload();
            nodes.reload();
          }}
        />
      )}
      <section className="card table-card" aria-label={t("admin.endpoints")}>
        <h3>
          {t("admin.endpoints")}
          {canManage && (
            <button
              type="button"
              className="button button-small"
              onClick={() => setAsking({ act: "add" })}
            >
              {t("manage.addEndpoint")}
            </button>
          )}
        </h3>
        <AskState {...endpoints} onRetry={endpoints.reload} />
        <p role="status">{told}</p>
        {endpoints.value !== null && (
          <DataTable
            label={t("admin.endpoints")}
            columns={columns}
            rows={endpoints.value.items}
            keyOf={({ id }) => id}
          />
        )}
      </section>
      <NodeSecrets nodes={nodes.value?.items ?? []} ask={ask} />
    </>
  );
}

function NodeSecrets({
  nodes,
  ask,
}: {
  readonly nodes: readonly NodeSecretView[];
  readonly ask: Ask;
}) {
  const { t } = useTranslation();
  const columns = useNodeColumns(ask);
  return (
    <section className="card table-card" aria-label={t("manage.nodes")}>
      <h3>{t("manage.nodes")}</h3>
      <DataTable label={t("manage.nodes")} columns={columns} rows={nodes} keyOf={({ id }) => id} />
    </section>
  );
}

type Ask = ((asking: Asking) => void) | null;

function useEndpointColumns(
  ask: Ask,
  tell: (words: string) => void,
): readonly Column<EndpointView>[] {
  const { t } = useTranslation();
  const names = useNames();
  return [
    {
      head: t("admin.department"),
      cell: ({ department }) => (
        <b>
          {names.department(department)} <span className="mono">{department}</span>
        </b>
      ),
    },
    { head: t("manage.url"), cell: ({ url }) => <span className="mono wrap">{url}</span> },
    { head: t("manage.circuit"), cell: (endpoint) => <State endpoint={endpoint} /> },
    { head: t("manage.waiting"), cell: ({ pending }) => pending, isNumber: true },
    { head: t("manage.dead"), cell: ({ dead }) => dead, isNumber: true },
    { head: t("manage.answers"), cell: (endpoint) => <Answers endpoint={endpoint} /> },
    { head: t("manage.secret"), cell: (endpoint) => <SecretState holder={endpoint} /> },
    ...(ask === null
      ? []
      : [
          {
            head: t("admin.actions"),
            cell: (endpoint: EndpointView) => (
              <EndpointActions endpoint={endpoint} ask={ask} tell={tell} />
            ),
          },
        ]),
  ];
}

function useNodeColumns(ask: Ask): readonly Column<NodeSecretView>[] {
  const { t } = useTranslation();
  return [
    { head: t("admin.node"), cell: ({ id }) => <b className="mono">{id}</b> },
    { head: t("manage.secret"), cell: (node) => <SecretState holder={node} /> },
    ...(ask === null
      ? []
      : [
          {
            head: t("admin.actions"),
            cell: (node: NodeSecretView) => (
              <span className="buttons">
                <Press name={node.id} onPress={() => ask({ act: "rotate", node })}>
                  {t("manage.rotate")}
                </Press>
                {node.overlapUntil !== null && (
                  <Press name={node.id} onPress={() => ask({ act: "endOverlap", node })}>
                    {t("manage.endOverlap")}
                  </Press>
                )}
              </span>
            ),
          },
        ]),
  ];
}

function State({ endpoint }: { readonly endpoint: EndpointView }) {
  const { t } = useTranslation();
  const { enabled, disabledReason, circuit, lastError } = endpoint;
  const isWell = enabled && circuit === "closed";
  return (
    <>
      <span className="lamp" data-well={isWell}>
        {enabled
          ? t(`manage.circuits.${circuit}`)
          : t("manage.disabledBecause", { why: disabledReason ?? "–" })}
      </span>
      {lastError !== null && <small className="wrap muted"> {lastError}</small>}
    </>
  );
}

function Answers({ endpoint }: { readonly endpoint: EndpointView }) {
  const { t } = useTranslation();
  const { answers } = endpoint;
  if (answers.length === 0) {
    return <span className="muted">{t("manage.noAnswers")}</span>;
  }
  return (
    <span className="mono">
      {answers.map(({ status }) => (status === null ? "×" : String(status))).join(" ")}
    </span>
  );
}

type Holder = Pick<NodeSecretView, "rotatedAt" | "overlapUntil" | "managedBy" | "fileDiffers">;

function SecretState({ holder }: { readonly holder: Holder }) {
  const { t } = useTranslation();
  const { rotatedAt, overlapUntil, managedBy, fileDiffers } = holder;
  return (
    <>
      <small className="muted">
        {t(managedBy === "file" ? "manage.ruledByFile" : "manage.ruledHere")} ·{" "}
        {t("manage.rotatedAt")} {rotatedAt === null ? t("manage.never") : <At at={rotatedAt} />}
      </small>
      {overlapUntil !== null && (
        <div>
          {t("manage.overlap")} <At at={overlapUntil} />
        </div>
      )}
      {fileDiffers !== null && (
        <div className="form-error">
          {t("manage.fileDiffers", {
            what: fileDiffers.what.map((what) => t(`manage.differs.${what}`)).join(", "),
          })}
        </div>
      )}
    </>
  );
}

function EndpointActions(props: {
  readonly endpoint: EndpointView;
  readonly ask: (asking: Asking) => void;
  readonly tell: (words: string) => void;
}) {
  const { t } = useTranslation();
  const office = useOffice();
  const names = useNames();
  const work = useWork();
  const { endpoint, ask, tell } = props;
  const name = names.department(endpoint.department);
  const ping = (): void =>
    work.run(async () => {
      const { status, error, durationMs } = await office.ping(endpoint.department);
      const ms = Math.round(durationMs);
      tell(
        error === null
          ? t("manage.pinged", { name, status: status ?? 0, ms })
          : t("manage.pingFailed", { name, error, ms }),
      );
    });
  const acts: readonly (readonly [Act, string])[] = [
    ["rotate", t("manage.rotate")],
    ...(endpoint.overlapUntil === null ? [] : [["endOverlap", t("manage.endOverlap")] as const]),
    ["move", t("manage.move")],
    ["toggle", t(endpoint.enabled ? "admin.disable" : "admin.enable")],
    ...(endpoint.fileDiffers === null ? [] : [["fileNoted", t("manage.fileNoted")] as const]),
  ];
  return (
    <span className="buttons">
      <Press name={name} onPress={ping}>
        {t("manage.ping")}
      </Press>
      {acts.map(([act, words]) => (
        <Press key={act} name={name} onPress={() => ask({ act, endpoint })}>
          {words}
        </Press>
      ))}
      <WorkError work={work} />
    </span>
  );
}

function Press(props: {
  readonly name: string;
  readonly onPress: () => void;
  readonly children: ReactNode;
}) {
  return (
    <button type="button" className="button button-small" onClick={props.onPress}>
      {props.children} <span className="sr-only">{props.name}</span>
    </button>
  );
}

function EndpointDialog(props: {
  readonly asking: Asking;
  readonly onMade: (made: Made) => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const office = useOffice();
  const names = useNames();
  const { asking, onMade, onClose } = props;
  const name =
    "endpoint" in asking
      ? names.department(asking.endpoint.department)
      : "node" in asking
        ? asking.node.id
        : "";
  const { title, hint } = useDialogWords(asking);
  return (
    <ReasonDialog
      title={name === "" ? title : `${title} · ${name}`}
      {...(hint === undefined ? {} : { hint })}
      onClose={onClose}
      onConfirm={async (reason, words) => {
        const secret = await carryOut(office, asking, reason, words);
        if (secret !== null) {
          onMade({ name: name === "" ? word(words, "department") : name, secret });
        }
      }}
    >
      {asking.act === "add" && (
        <Field label={t("admin.department")}>
          <DepartmentSelect name="department" none={t("manage.choose")} />
        </Field>
      )}
      {(asking.act === "add" || asking.act === "move") && (
        <Field label={t("manage.url")}>
          <input type="url" name="url" required placeholder="https://" />
        </Field>
      )}
      {asking.act === "rotate" && (
        <Field label={t("manage.overlapH")}>
          <input
            type="number"
            name="overlapH"
            defaultValue={OVERLAP_H}
            min={0}
            max={MAX_OVERLAP_H}
            required
          />
        </Field>
      )}
    </ReasonDialog>
  );
}

function useDialogWords(asking: Asking): { readonly title: string; readonly hint?: string } {
  const { t } = useTranslation();
  switch (asking.act) {
    case "add":
      return { title: t("manage.addEndpoint") };
    case "rotate":
      return { title: t("manage.rotate"), hint: t("manage.rotateHint") };
    case "endOverlap":
      return { title: t("manage.endOverlap"), hint: t("manage.endOverlapHint") };
    case "move":
      return { title: t("manage.move"), hint: asking.endpoint.url };
    case "fileNoted":
      return { title: t("manage.fileNoted") };
    case "toggle":
      return asking.endpoint.enabled
        ? { title: t("admin.disable"), hint: t("manage.disableHint") }
        : { title: t("admin.enable") };
  }
}

/** @returns the secret that was made, to be shown once. */
async function carryOut(
  office: OfficeApi,
  asking: Asking,
  reason: string,
  words: FormData,
): Promise<string | null> {
  if (asking.act === "add") {
    const wish = { department: word(words, "department"), url: word(words, "url"), reason };
    return (await office.addEndpoint(wish)).secret;
  }
  const overlapH = Number(word(words, "overlapH"));
  if ("node" in asking) {
    const { id, version: expectedVersion } = asking.node;
    if (asking.act === "endOverlap") {
      await office.endNodeOverlap(id, { expectedVersion, reason });
      return null;
    }
    return (await office.rotateNode(id, { expectedVersion, reason, overlapH })).secret;
  }
  const { department, version: expectedVersion, enabled } = asking.endpoint;
  const seen = { expectedVersion, reason };
  switch (asking.act) {
    case "rotate":
      return (await office.rotateEndpoint(department, { ...seen, overlapH })).secret;
    case "endOverlap":
      await office.endOverlap(department, seen);
      return null;
    case "move":
      await office.changeEndpoint(department, { ...seen, url: word(words, "url") });
      return null;
    case "fileNoted":
      await office.changeEndpoint(department, { ...seen, fileNoted: true });
      return null;
    case "toggle":
      await office.changeEndpoint(department, { ...seen, enabled: !enabled });
      return null;
  }
}
