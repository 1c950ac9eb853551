/** Bars a day: those told by people stand on those found by cameras. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Figures } from "../../../protocol/index.ts";

const HEIGHT_PX = 220;

/** Canvas has no style sheet: it is drawn anew in the colours of the other theme. */
function subscribeTheme(listener: () => void): () => void {
  const watcher = new MutationObserver(listener);
  watcher.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => watcher.disconnect();
}

function readTheme(): string {
  return document.documentElement.dataset["theme"] ?? "dark";
}

export function DayChart({ days }: { readonly days: Figures["days"] }) {
  const { t } = useTranslation();
  const theme = useSyncExternalStore(subscribeTheme, readTheme);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = box;
    if (current === null) {
      return;
    }
    const color = (name: string): string =>
      getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const names = { machine: t("figures.machine"), people: t("figures.people") };
    const plot = new uPlot(
      optionsOf(days, names, color, current.clientWidth),
      dataOf(days),
      current,
    );
    const watcher = new ResizeObserver(() =>
      plot.setSize({ width: current.clientWidth, height: HEIGHT_PX }),
    );
    watcher.observe(current);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [days, t, theme]);
  return (
    <figure className="chart">
      <div ref={box} aria-hidden="true" />
      <figcaption className="sr-only">
        {t("figures.chartOf", { title: t("figures.perDay") })}
      </figcaption>
    </figure>
  );
}

/** The upper series is drawn first, as the sum, and the lower one over it. */
function dataOf(days: Figures["days"]): uPlot.AlignedData {
  return [
    days.map((_, index) => index),
    days.map(({ machine, people }) => machine + people),
    days.map(({ machine }) => machine),
  ];
}

function optionsOf(
  days: Figures["days"],
  names: { readonly machine: string; readonly people: string },
  color: (name: string) => string,
  width: number,
): uPlot.Options {
  const bars = uPlot.paths.bars?.({ size: [0.7, 60] });
  const paths = bars === undefined ? {} : { paths: bars };
  const axis = {
    stroke: color("--muted"),
    grid: { stroke: color("--edge"), width: 1 },
    ticks: { stroke: color("--edge"), width: 1 },
  };
  const dayOf = (index: number | undefined): string => days[index ?? -1]?.day ?? "";
  return {
    width,
    height: HEIGHT_PX,
    scales: {
      x: { time: false, range: [-0.6, Math.max(0.6, days.length - 0.4)] },
      y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.1)] },
    },
    axes: [
      {
        ...axis,
        incrs: [1, 2, 5, 7, 10, 14, 30],
        values: (_plot, splits) => splits.map((index) => dayOf(index).slice(5)),
      },
      { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000], size: 60 },
    ],
    series: [
      { label: "", value: (_plot, index) => dayOf(index) },
      {
        label: names.people,
        fill: color("--orange"),
        stroke: color("--orange"),
        width: 0,
        points: { show: false },
        value: (_plot, _value, _series, index) => String(days[index ?? -1]?.people ?? "–"),
        ...paths,
      },
      {
        label: names.machine,
        fill: color("--accent"),
        stroke: color("--accent"),
        width: 0,
        points: { show: false },
        ...paths,
      },
    ],
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
  };
}
