/** Which cameras cry most. */
import { useTranslation } from "react-i18next";
import type { Figures } from "../../../protocol/index.ts";
import { TableCard, type Column } from "../data-table.tsx";

type CameraFigure = Figures["alarms"]["byCamera"][number];

export function AlarmFigures({ figures }: { readonly figures: Figures }) {
  const { t } = useTranslation();
  const { byCamera } = figures.alarms;
  const most = Math.max(1, ...byCamera.map(({ perDay }) => perDay));
  const columns: readonly Column<CameraFigure>[] = [
    {
      head: t("figures.camera"),
      cell: ({ name, camera }) => (
        <>
          {name} <span className="code">{camera}</span>
        </>
      ),
      csv: ({ name }) => name,
    },
    { head: "ID", csv: ({ camera }) => camera },
    {
      head: t("figures.perCameraDay"),
      cell: ({ perDay }) => (
        <span className="share" data-level="plain">
          <span className="share-bar" aria-hidden="true">
            <i style={{ inlineSize: `${(perDay / most) * 100}%` }} />
          </span>
          <span className="share-text">{perDay.toFixed(1)}</span>
        </span>
      ),
      csv: ({ perDay }) => Math.round(perDay * 1000) / 1000,
    },
    {
      head: t("figures.alarmCount"),
      cell: ({ alarms }) => alarms,
      csv: ({ alarms }) => alarms,
      isNumber: true,
    },
  ];
  return (
    <TableCard
      title={t("figures.alarms")}
      name="alarms"
      hint={t("figures.alarmsHint")}
      columns={columns}
      rows={byCamera}
      keyOf={({ camera }) => camera}
    />
  );
}
