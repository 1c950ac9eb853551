/** All cameras: how each is, what it is for, which plan runs there. */
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CameraItem } from "../../../protocol/index.ts";
import { countConditions, listCameras, type CameraFilter } from "../../model/cameras/index.ts";
import { AskState } from "../admin/parts.tsx";
import { Icon } from "../icons.tsx";
import { useAnswer } from "../office.tsx";
import { CameraRow } from "./camera-row.tsx";
import { useCameraApi, useWords } from "./context.tsx";
import { AllSwitch } from "./kill-switch.tsx";
import { useCameraKeys } from "./use-camera-keys.ts";

/** States of cameras are old after this long. */
const LOOK_AGAIN_MS = 5_000;

export function CameraListPage() {
  const words = useWords();
  const api = useCameraApi();
  const answer = useAnswer("cameras", (signal) => api.cameras(signal), LOOK_AGAIN_MS);
  const [filter, setFilter] = useState<CameraFilter>("all");
  const [query, setQuery] = useState("");
  const [done, setDone] = useState("");
  const list = useRef<HTMLUListElement>(null);
  useCameraKeys(list);
  const all = answer.value?.items ?? [];
  const shown = listCameras(all, filter, query);
  const inUse = all.filter(({ active, registered }) => active && registered);
  return (
    <div className="cameras">
      <header className="page-head">
        <h2>{words("title")}</h2>
        {answer.value !== null && (
          <AllSwitch
            inUse={inUse.length}
            stopped={inUse.filter(({ wanted }) => !wanted.analysed).length}
            onDone={(text) => {
              setDone(text);
              answer.reload();
            }}
          />
        )}
      </header>
      <p className="form-done" role="status">
        {done}
      </p>
      {(answer.value === null || answer.error !== null) && (
        <AskState {...answer} onRetry={answer.reload} />
      )}
      {answer.value !== null && (
        <>
          <Filters
            all={all}
            shown={shown.length}
            filter={filter}
            query={query}
            onFilter={setFilter}
            onQuery={setQuery}
          />
          {shown.length === 0 && <NoCameras isNone={all.length === 0} />}
          <ul className="camera-list" ref={list} aria-label={words("list.label")}>
            {shown.map((camera) => (
              <CameraRow key={camera.ref} camera={camera} onChanged={answer.reload} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function NoCameras({ isNone }: { readonly isNone: boolean }) {
  const words = useWords();
  return <p className="muted page-note">{words(isNone ? "list.none" : "list.noMatch")}</p>;
}

interface FiltersProps {
  readonly all: readonly CameraItem[];
  readonly shown: number;
  readonly filter: CameraFilter;
  readonly query: string;
  readonly onFilter: (filter: CameraFilter) => void;
  readonly onQuery: (query: string) => void;
}

function Filters({ all, shown, filter, query, onFilter, onQuery }: FiltersProps) {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <div className="camera-filters">
      <div className="filter-states" role="group" aria-label={words("list.filter")}>
        {countConditions(all).map((option) => (
          <button
            key={option.filter}
            type="button"
            className="filter"
            aria-pressed={option.filter === filter}
            onClick={() => onFilter(option.filter)}
          >
            {option.filter === "all" ? t("common.all") : words(`condition.${option.filter}`)}
            <span className="filter-count">{option.count}</span>
          </button>
        ))}
      </div>
      <div className="search">
        <Icon name="search" />
        <input
          id="search"
          type="search"
          value={query}
          placeholder={words("list.search")}
          aria-label={words("list.search")}
          aria-keyshortcuts="/"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onQuery(event.target.value)}
        />
      </div>
      <span className="filter-shown" role="status">
        {t("list.shown", { shown, total: all.length })}
      </span>
    </div>
  );
}
