/** Grids and cameras with what is open in them: drawn, and as a list for those who cannot see it. */
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OpenCount, TownMap } from "../../../protocol/index.ts";
import { mapTone } from "../../model/index.ts";
import { useAnswer, useOffice } from "../office.tsx";
import { useReason } from "../reason.tsx";
import { useLanguage } from "../wording.tsx";
import { useCountWords } from "./count-words.tsx";
import { LeafletMap } from "./leaflet-map.tsx";

const ASK_EVERY_MS = 10_000;

interface MapPanelProps {
  readonly grid: string | null;
  readonly onGrid: (grid: string | null) => void;
}

export function MapPanel({ grid, onGrid }: MapPanelProps) {
  const { t } = useTranslation();
  const office = useOffice();
  const reasonOf = useReason();
  const { value, error } = useAnswer("map", (signal) => office.townMap(signal), ASK_EVERY_MS);
  return (
    <section className="wall-map card" aria-labelledby="wall-map">
      <h3 id="wall-map">{t("wall.map")}</h3>
      {value === null && (
        <p className="muted" role="status">
          {error === null ? t("wall.mapLoading") : `${t("wall.mapFailed")}: ${reasonOf(error)}`}
        </p>
      )}
      {value !== null && <Places map={value} grid={grid} onGrid={onGrid} />}
    </section>
  );
}

const TONES = ["quiet", "some", "many", "urgent"] as const;

function Places({ map, grid, onGrid }: MapPanelProps & { readonly map: TownMap }) {
  const { t } = useTranslation();
  const [isListed, setListed] = useState(false);
  const hasGrids = map.grids.features.length > 0;
  if (!hasGrids && map.cameras.features.length === 0) {
    return <p className="muted">{t("wall.noPlaces")}</p>;
  }
  return (
    <>
      <LeafletMap map={map} grid={grid} onGrid={onGrid} />
      <ul className="map-legend">
        {TONES.map((tone) => (
          <li key={tone}>
            <i className="map-key" data-tone={tone} aria-hidden="true" />
            {t(`wall.tone.${tone}`)}
          </li>
        ))}
      </ul>
      <p className="muted map-hint">{t(hasGrids ? "wall.mapHint" : "wall.noGrids")}</p>
      <details className="places" onToggle={(event) => setListed(event.currentTarget.open)}>
        <summary>{t("wall.places")}</summary>
        {/* Thousands of cameras: drawn for those who ask, and not anew with every second. */}
        {isListed && <PlaceList map={map} grid={grid} onGrid={onGrid} />}
      </details>
    </>
  );
}

const PlaceList = memo(function PlaceList({
  map,
  grid,
  onGrid,
}: MapPanelProps & { readonly map: TownMap }) {
  const language = useLanguage();
  const { t } = useTranslation();
  const grids = map.grids.features.toSorted((a, b) => b.properties.open - a.properties.open);
  const cameras = map.cameras.features.toSorted((a, b) => b.properties.open - a.properties.open);
  return (
    <ul>
      {grids.map(({ properties }) => (
        <li key={properties.code}>
          <button
            type="button"
            className="button button-small"
            aria-pressed={grid === properties.code}
            onClick={() => onGrid(grid === properties.code ? null : properties.code)}
          >
            {properties[language] || properties.zh}
          </button>
          <Counts counts={properties} />
        </li>
      ))}
      {cameras.map(({ properties }) => (
        <li key={properties.camera}>
          <span>
            {t("wall.camera")} {properties.name}
            {!properties.active && ` (${t("wall.inactive")})`}
          </span>
          <Counts counts={properties} />
        </li>
      ))}
    </ul>
  );
});

function Counts({ counts }: { readonly counts: OpenCount }) {
  const words = useCountWords();
  return (
    <span className="map-counts" data-tone={mapTone(counts)}>
      {words(counts)}
    </span>
  );
}
