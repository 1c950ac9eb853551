/** The pictures and clips of a case, each with what its checksum says. */
import { useTranslation } from "react-i18next";
import type { CaseDetail, CaseEvidence, CaseSummary } from "../../../protocol/index.ts";
import { Icon } from "../icons.tsx";
import { Moment } from "../wording.tsx";
import { Card } from "./card.tsx";
import { Hold } from "./hold.tsx";

const ICONS = { announced: "inbox", stored: "check", damaged: "close", deleted: "close" } as const;

interface EvidenceCardProps extends Pick<CaseDetail, "evidence" | "hold"> {
  readonly summary: CaseSummary;
}

export function EvidenceCard({ evidence, hold, summary }: EvidenceCardProps) {
  const { t } = useTranslation();
  return (
    <Card title={t("evidence.title")} area="evidence" count={evidence.length}>
      {evidence.length === 0 && <p className="muted">{t("evidence.none")}</p>}
      <ul className="evidence">
        {evidence.map((item) => (
          <EvidenceLine key={item.sha256} item={item} />
        ))}
      </ul>
      <Hold key={summary.id} hold={hold} summary={summary} />
    </Card>
  );
}

function EvidenceLine({ item }: { readonly item: CaseEvidence }) {
  const { t } = useTranslation();
  const { state, sha256, goneAt, storedAt } = item;
  return (
    <li data-state={state}>
      <span className="evidence-state">
        <Icon name={ICONS[state]} />
        {t(`evidence.state.${state}`)}
        {goneAt !== null && <Moment at={goneAt} />}
      </span>
      <span>
        {t(`evidence.role.${item.role}`)} · {t("evidence.captured")}{" "}
        <Moment at={item.capturedAt} exact />
        {storedAt !== null && (
          <>
            {" "}
            · {t("evidence.stored")} <Moment at={storedAt} exact />
          </>
        )}
        {" · "}
        {t("evidence.size", { size: Math.ceil(item.bytes / 1024) })}
      </span>
      <span className="evidence-digest">
        <span className="muted">{t("evidence.digest")}</span>{" "}
        <span className="mono wrap">{sha256}</span>
        {state === "stored" && (
          <a className="link" href={item.url} target="_blank" rel="noreferrer">
            {t("evidence.open")}
            <span className="sr-only"> {sha256.slice(0, 12)}</span>
          </a>
        )}
      </span>
    </li>
  );
}
