/** The live list, newest first. Only the rows in sight are in the document. */
import { useLayoutEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { visibleCases } from "../model/index.ts";
import { CaseRow } from "./case-row.tsx";
import { useLive, useSelect } from "./context.tsx";
import { EmptyList, NoMatch } from "./empty-list.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { Icon } from "./icons.tsx";
import { SkeletonRows } from "./skeleton.tsx";
import { useListKeys } from "./list-keys.tsx";
import { useRowWindow } from "./row-window.tsx";

export function CaseList({ openId }: { readonly openId: string | null }) {
  const { t } = useTranslation();
  const phase = useSelect((state) => state.phase);
  const items = useVisible();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLUListElement>(null);
  const view = useRowWindow(items, scroller, rows);
  const keys = useListKeys({ items, view, rows, openId });
  const fresh = useSelect((state) => state.fresh);
  const shown = items.slice(view.first, view.last);
  const stopId = shown.some((item) => item.id === keys.cursorId) ? keys.cursorId : shown[0]?.id;
  return (
    <section className="list" aria-label={t("list.title")}>
      <FilterBar shown={items.length} />
      <div className="list-scroll" ref={scroller}>
        {view.above > 0 && (
          <button type="button" className="new-above" onClick={view.toTop}>
            <Icon name="up" />
            {t("list.newAbove", { count: view.above })}
          </button>
        )}
        {phase === "starting" && <SkeletonRows />}
        {phase !== "starting" && items.length === 0 && <Nothing />}
        <ul
          id="incidents"
          ref={rows}
          className="rows"
          aria-label={t("list.label")}
          style={{ paddingBlock: `${view.padTopPx}px ${view.padBottomPx}px` }}
        >
          {shown.map((item, offset) => (
            <li key={item.id} aria-posinset={view.first + offset + 1} aria-setsize={items.length}>
              <CaseRow
                item={item}
                isOpen={item.id === openId}
                isFresh={fresh.has(item.id)}
                isTabStop={item.id === stopId}
                onFocus={keys.setCursor}
              />
            </li>
          ))}
        </ul>
        {items.length > 0 && <ListEnd />}
      </div>
    </section>
  );
}

function useVisible(): ReturnType<typeof visibleCases> {
  const cases = useSelect((state) => state.cases);
  const pages = useSelect((state) => state.pages);
  const filter = useSelect((state) => state.filter);
  const query = useSelect((state) => state.query);
  const catalogue = useSelect((state) => state.catalogue);
  return useMemo(
    () => visibleCases({ cases, pages, filter, query, catalogue }),
    [cases, pages, filter, query, catalogue],
  );
}

function Nothing() {
  const filter = useSelect((state) => state.filter);
  const query = useSelect((state) => state.query);
  const page = useSelect((state) => state.pages[state.filter]);
  if (page?.status === "loading") {
    return <SkeletonRows />;
  }
  return filter === "ALL" && query.trim() === "" ? <EmptyList /> : <NoMatch />;
}

/** Loads the next page when it comes into sight; a button for those who do not scroll. */
function ListEnd() {
  const { t } = useTranslation();
  const live = useLive();
  const page = useSelect((state) => state.pages[state.filter] ?? state.pages.ALL);
  const mark = useRef<HTMLDivElement>(null);
  const hasMore = page?.next !== null && page?.status === "ready";
  useLayoutEffect(() => {
    if (!hasMore || mark.current === null) {
      return;
    }
    const watcher = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          void live.loadMore();
        }
      },
      { rootMargin: "600px" },
    );
    watcher.observe(mark.current);
    return () => watcher.disconnect();
  }, [hasMore, live]);
  return (
    <div className="list-end" ref={mark}>
      {page?.status === "loading" && t("list.loading")}
      {page?.status === "failed" && `${t("list.failed")} `}
      {(hasMore || page?.status === "failed") && (
        <button type="button" className="button" onClick={() => void live.loadMore()}>
          {t(page.status === "failed" ? "list.retry" : "list.more")}
        </button>
      )}
      {page?.status === "ready" &&
        page.next === null &&
        t(page.oldest === null ? "list.end" : "list.kept")}
    </div>
  );
}
