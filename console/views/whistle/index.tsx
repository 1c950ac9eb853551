/** The whistle board: who is called, who has answered, arrived and fed back, and until when. */
import { useTranslation } from "react-i18next";
import type { CaseState, CaseSummary } from "../../../protocol/index.ts";
import { isOver } from "../../model/index.ts";
import { useWork } from "../actions/index.ts";
import { useRoute } from "../context.tsx";
import { useCases } from "./use-cases.ts";
import { WhistlePanel } from "./whistle-panel.tsx";
import "../../styles/whistle.css";

/** A case stays here from the whistle until the last required party has fed back. */
const STATES: readonly CaseState[] = ["WHISTLED"];

export function WhistleBoard() {
  const { t } = useTranslation();
  const { part } = useRoute();
  const { items, status, isCut } = useCases(STATES);
  const shown = items.toSorted((a, b) => Number(b.id === part) - Number(a.id === part));
  return (
    <div className="board">
      <h2 className="board-title">{t("whistle.title")}</h2>
      {status === "loading" && <p className="muted">{t("whistle.loading")}</p>}
      {status === "failed" && <p className="form-error">{t("whistle.failed")}</p>}
      {status === "ready" && shown.length === 0 && (
        <div className="empty">
          <h3>{t("whistle.none")}</h3>
          <p>{t("whistle.noneHint")}</p>
        </div>
      )}
      {isCut && <p className="muted">{t("whistle.truncated", { count: shown.length })}</p>}
      <div className="whistles">
        {shown.map((summary) => (
          <CaseWhistles key={summary.id} summary={summary} />
        ))}
      </div>
    </div>
  );
}

function CaseWhistles({ summary }: { readonly summary: CaseSummary }) {
  const { t } = useTranslation();
  const { work, failed } = useWork(summary.id, summary.version);
  if (work === null) {
    return <p className="muted">{t(failed ? "whistle.failed" : "whistle.loading")}</p>;
  }
  return work.whistles
    .filter((whistle) => !isOver(whistle))
    .map((whistle) => <WhistlePanel key={whistle.id} summary={summary} whistle={whistle} />);
}
