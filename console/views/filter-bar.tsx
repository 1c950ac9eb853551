/** Filters of the list: by state with counts, and by words. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { filterCounts } from "../model/index.ts";
import { useLive, useSelect } from "./context.tsx";
import { Icon } from "./icons.tsx";

export function FilterBar({ shown }: { readonly shown: number }) {
  const { t } = useTranslation();
  const live = useLive();
  const counts = useSelect((state) => state.counts);
  const active = useSelect((state) => state.filter);
  const filters = useMemo(() => filterCounts(counts), [counts]);
  const total = filters.find(({ filter }) => filter === active)?.count ?? 0;
  return (
    <div className="filters">
      <div className="filter-states" role="group" aria-label={t("list.filter")}>
        {filters.map(({ filter, count }) => (
          <button
            key={filter}
            type="button"
            className="filter"
            aria-pressed={filter === active}
            onClick={() => live.setFilter(filter)}
          >
            {filter === "ALL" ? t("list.all") : t(`state.${filter}`)}
            <span className="filter-count">{count}</span>
          </button>
        ))}
      </div>
      <SearchBox />
      <span className="filter-shown">{t("list.shown", { shown, total })}</span>
    </div>
  );
}

function SearchBox() {
  const { t } = useTranslation();
  const live = useLive();
  const query = useSelect((state) => state.query);
  return (
    <div className="search">
      <Icon name="search" />
      <input
        id="search"
        type="search"
        value={query}
        placeholder={t("list.search")}
        aria-label={t("list.search")}
        aria-keyshortcuts="/"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => live.setQuery(event.target.value)}
      />
      {query !== "" && (
        <button
          type="button"
          className="icon-button"
          aria-label={t("list.clearSearch")}
          onClick={() => live.setQuery("")}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
