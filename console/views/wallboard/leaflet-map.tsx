/** The drawn map: shapes from the brain, so that it needs no server of tiles; one may lie below. */
import L from "leaflet";
import "leaflet/dist/leaflet.css";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import type { CameraFeature, GridFeature, OpenCount, TownMap } from "../../../protocol/index.ts";
import { mapTone } from "../../model/index.ts";
import { useLanguage } from "../wording.tsx";
import { useCountWords } from "./count-words.tsx";

interface LeafletMapProps {
  readonly map: TownMap;
  readonly grid: string | null;
  readonly onGrid: (grid: string | null) => void;
}

export function LeafletMap(props: LeafletMapProps) {
  const { t } = useTranslation();
  const { leaflet, attach } = useLeaflet();
  useZoomButtons(leaflet);
  useTiles(leaflet, props.map.tiles);
  useLayers(leaflet, props);
  useFit(leaflet, props.map);
  return <div ref={attach} className="map-box" role="region" aria-label={t("wall.map")} />;
}

interface MadeMap {
  readonly leaflet: L.Map | null;
  /** Makes the map in the element that it is given, and ends it with that. */
  readonly attach: (box: HTMLDivElement) => () => void;
}

function useLeaflet(): MadeMap {
  const [leaflet, setLeaflet] = useState<L.Map | null>(null);
  const attach = useCallback((box: HTMLDivElement) => {
    const made = L.map(box, { zoomControl: false, attributionControl: false, zoomSnap: 0 });
    setLeaflet(made);
    const watcher = new ResizeObserver(() => made.invalidateSize({ animate: false }));
    watcher.observe(box);
    return () => {
      watcher.disconnect();
      made.remove();
      setLeaflet(null);
    };
  }, []);
  return { leaflet, attach };
}

function useZoomButtons(leaflet: L.Map | null): void {
  const { t } = useTranslation();
  useEffect(() => {
    if (leaflet === null) {
      return;
    }
    const titles = { zoomInTitle: t("wall.zoomIn"), zoomOutTitle: t("wall.zoomOut") };
    const buttons = L.control.zoom(titles).addTo(leaflet);
    return () => {
      buttons.remove();
    };
  }, [leaflet, t]);
}

function useTiles(leaflet: L.Map | null, tiles: TownMap["tiles"]): void {
  const { url, attribution = "", maxZoom } = tiles ?? {};
  useEffect(() => {
    if (leaflet === null || url === undefined) {
      return;
    }
    const layer = L.tileLayer(url, { ...(maxZoom === undefined ? {} : { maxZoom }) });
    layer.addTo(leaflet).bringToBack();
    const text = document.createElement("span");
    text.textContent = attribution;
    const words = L.control.attribution({ prefix: false }).addAttribution(text.innerHTML);
    words.addTo(leaflet);
    return () => {
      layer.remove();
      words.remove();
    };
  }, [leaflet, url, attribution, maxZoom]);
}

function useLayers(leaflet: L.Map | null, { map, grid, onGrid }: LeafletMapProps): void {
  const { t } = useTranslation();
  const language = useLanguage();
  const words = useCountWords();
  useEffect(() => {
    if (leaflet === null) {
      return;
    }
    const grids = map.grids.features.flatMap((feature) => {
      const { code, zh, en, open } = feature.properties;
      const name = (language === "zh" ? zh : en) || zh;
      const shape = gridShape(feature, code === grid);
      shape.bindTooltip(label(name, feature.properties, words), { sticky: true });
      shape.on("click", () => onGrid(code === grid ? null : code));
      return open === 0 ? [shape] : [shape, countMark(shape, feature.properties)];
    });
    const cameras = map.cameras.features.map((feature) => cameraMark(feature, words, t));
    const layers = L.layerGroup([...grids, ...cameras]).addTo(leaflet);
    return () => {
      layers.remove();
    };
  }, [leaflet, map, grid, onGrid, language, words, t]);
}

/** Counts come anew every few seconds; only other places move the operator's view. */
function useFit(leaflet: L.Map | null, map: TownMap): void {
  const fitted = useRef<{ readonly leaflet: L.Map; readonly places: string } | null>(null);
  useEffect(() => {
    const places = [
      ...map.grids.features.map(({ properties }) => properties.code),
      ...map.cameras.features.map(({ properties }) => properties.camera),
    ].join();
    const isFitted = fitted.current?.leaflet === leaflet && fitted.current.places === places;
    const bounds = boundsOf(map);
    if (leaflet === null || isFitted || !bounds.isValid()) {
      return;
    }
    fitted.current = { leaflet, places };
    leaflet.fitBounds(bounds, { padding: [24, 24], maxZoom: 17, animate: false });
  }, [leaflet, map]);
}

/** Of the grids, where there are any: one far camera must not shrink the town to a dot. */
function boundsOf({ grids, cameras }: TownMap): L.LatLngBounds {
  if (grids.features.length > 0) {
    return L.geoJSON(plain(grids)).getBounds();
  }
  return L.latLngBounds(
    cameras.features.map(({ geometry: { coordinates } }) => [coordinates[1], coordinates[0]]),
  );
}

/** Leaflet's types ask for lists that may be written to; it does not write to them. */
function plain(shape: TownMap["grids"] | GridFeature): GeoJSON.GeoJsonObject {
  return shape;
}

function gridShape(feature: GridFeature, isChosen: boolean): L.GeoJSON {
  const tone = mapTone(feature.properties);
  return L.geoJSON(plain(feature), {
    style: { className: `map-grid map-${tone}${isChosen ? " map-chosen" : ""}` },
  });
}

function countMark(shape: L.GeoJSON, counts: OpenCount): L.Marker {
  const html = document.createElement("b");
  html.textContent = String(counts.open);
  const className = `map-count map-${mapTone(counts)}`;
  const icon = L.divIcon({ className, html, iconSize: [28, 28] });
  return L.marker(shape.getBounds().getCenter(), { icon, interactive: false, keyboard: false });
}

type CountWords = ReturnType<typeof useCountWords>;

function cameraMark(feature: CameraFeature, words: CountWords, t: TFunction): L.CircleMarker {
  const { properties, geometry } = feature;
  const [lon, lat] = geometry.coordinates;
  const { name, active } = properties;
  const className = `map-camera map-${active ? mapTone(properties) : "inactive"}`;
  const mark = L.circleMarker([lat, lon], { radius: 6, className });
  const shown = active ? name : `${name} (${t("wall.inactive")})`;
  return mark.bindTooltip(label(shown, properties, words));
}

/** As text: names come from files of the town. */
function label(name: string, counts: OpenCount, words: CountWords): HTMLElement {
  const text = document.createElement("span");
  text.textContent = `${name} · ${words(counts)}`;
  return text;
}
