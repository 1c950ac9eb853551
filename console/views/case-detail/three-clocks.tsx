/** The three clocks, large. */
import { useTranslation } from "react-i18next";
import type { CaseSummary } from "../../../protocol/index.ts";
import { CaseClock } from "../case-clock.tsx";
import { Card } from "./card.tsx";

export function ClocksCard({ clocks }: { readonly clocks: CaseSummary["clocks"] }) {
  const { t } = useTranslation();
  return (
    <Card title={t("detail.clocks")} area="clocks">
      <div className="clocks-large">
        <CaseClock name="report" clock={clocks.report} size="large" />
        <CaseClock name="dispatch" clock={clocks.dispatch} size="large" />
        <CaseClock name="contain" clock={clocks.contain} size="large" />
      </div>
    </Card>
  );
}
