/** The wall of the control room: what cannot wait, where it is, and whether the system is well. */
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { byUrgency, mergeCases, type Queue } from "../../model/index.ts";
import { useBrainNow, useSelect } from "../context.tsx";
import { useAnswer, useOffice } from "../office.tsx";
import { UrgentQueue } from "./urgent-queue.tsx";
import { Systems } from "./systems.tsx";

const MapPanel = lazy(async () => ({ default: (await import("./map-panel.tsx")).MapPanel }));

/** New incidents come by the stream at once; old ones that turn late are asked for. */
const ASK_EVERY_MS = 5_000;
/** Nobody reads further than this on a wall. */
const SHOWN = 60;

export function Wallboard() {
  const { t } = useTranslation();
  const office = useOffice();
  const queue = useAnswer("queue", (signal) => office.queue(signal), ASK_EVERY_MS);
  const cases = useSelect((state) => state.cases);
  const nowMs = useBrainNow();
  const [grid, setGrid] = useState<string | null>(null);
  const all = byUrgency(mergeCases(queue.value?.items ?? [], cases), nowMs);
  const wanted = grid === null ? all : all.filter(({ location }) => location.gridCode === grid);
  return (
    <div className="wall">
      <h2 className="sr-only">{t("wall.title")}</h2>
      <div className="wall-top">
        <Tiles counts={queue.value?.counts ?? null} />
        <Filings filings={queue.value?.filings ?? []} />
      </div>
      <UrgentQueue
        items={wanted.slice(0, SHOWN)}
        total={grid === null ? (queue.value?.counts.open ?? all.length) : wanted.length}
        isLoading={queue.value === null && queue.error === null}
        grid={grid}
        onGrid={setGrid}
      />
      <Suspense fallback={<section className="wall-map card">{t("wall.mapLoading")}</section>}>
        <MapPanel grid={grid} onGrid={setGrid} />
      </Suspense>
      <Systems />
    </div>
  );
}

/** The law gives thirty days: what is too late is said where everybody looks. */
function Filings({ filings }: { readonly filings: NonNullable<Queue["filings"]> }) {
  const { t } = useTranslation();
  const [first] = filings;
  const overdue = filings.filter((one) => one.overdue).length;
  return first === undefined ? null : (
    <p className={overdue > 0 ? "wall-filings form-error" : "wall-filings muted"} role="status">
      {t("wall.filings", { count: filings.length, overdue })}{" "}
      <span className="mono">
        {first.camera} · {first.dueOn}
      </span>
    </p>
  );
}

const TILES = ["urgent", "late", "tight", "open"] as const;
const SIGNS = { urgent: "▲", late: "✕", tight: "◕", open: "●" } as const;

function Tiles({ counts }: { readonly counts: Queue["counts"] | null }) {
  const { t } = useTranslation();
  return (
    <dl className="tiles">
      {TILES.map((name) => (
        <div key={name} className="tile" data-tile={name} data-any={(counts?.[name] ?? 0) > 0}>
          <dt>
            <span aria-hidden="true">{SIGNS[name]}</span> {t(`wall.${name}`)}
          </dt>
          <dd>{counts === null ? "–" : counts[name]}</dd>
        </div>
      ))}
    </dl>
  );
}
