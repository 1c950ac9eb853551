/** The control room, put together: one page at a time below what every page shows. */
import { lazy, Suspense, useEffect, type ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { pagesFor, type PageName } from "./model/index.ts";
import { Announcer } from "./views/announcer.tsx";
import { CaseDetailPane } from "./views/case-detail/index.tsx";
import { CaseList } from "./views/case-list.tsx";
import { ConnectionBanner } from "./views/connection.tsx";
import { useLive, useRoute, useSelect } from "./views/context.tsx";
import { Guard, StartFailure } from "./views/failures.tsx";
import { Welcome } from "./views/password-form.tsx";
import { useDocumentLanguage } from "./views/preferences.tsx";
import { SignIn } from "./views/sign-in.tsx";
import { TopBar } from "./views/top-bar.tsx";

/** The first view is the list of incidents; the other pages come when they are asked for. */
const OTHERS: Readonly<Record<Exclude<PageName, "cases">, ComponentType>> = {
  wall: lazy(async () => ({ default: (await import("./views/wallboard/index.tsx")).Wallboard })),
  whistles: lazy(async () => ({
    default: (await import("./views/whistle/index.tsx")).WhistleBoard,
  })),
  desk: lazy(async () => ({ default: (await import("./views/desk/index.tsx")).DepartmentDesk })),
  cameras: lazy(async () => ({
    default: (await import("./views/cameras/index.tsx")).CamerasPage,
  })),
  figures: lazy(async () => ({ default: (await import("./views/figures/index.tsx")).FiguresPage })),
  admin: lazy(async () => ({ default: (await import("./views/admin/index.tsx")).AdminPage })),
};

export function App() {
  useDocumentLanguage();
  return (
    <>
      <TopBar />
      <ConnectionBanner />
      {window.location.pathname === "/welcome" ? <Welcome /> : <Body />}
      <Announcer />
    </>
  );
}

function Body() {
  const phase = useSelect((state) => state.phase);
  const connection = useSelect((state) => state.connection);
  if (phase === "signed-out") {
    return <SignIn />;
  }
  if (phase === "failed") {
    return <StartFailure />;
  }
  const isStale = phase === "ready" && connection !== "live" && connection !== "connecting";
  return <Page isStale={isStale} />;
}

interface PageProps {
  /** What is shown may be old: the connection is lost. */
  readonly isStale: boolean;
}

function Page({ isStale }: PageProps) {
  const { t } = useTranslation();
  const session = useSelect((state) => state.session);
  const isReady = useSelect((state) => state.phase === "ready");
  const route = useRoute();
  const allowed = pagesFor(session);
  // An auditor's first page is not the list that the address without a page leads to.
  const page = isFirst(window.location.hash) ? (allowed[0] ?? route.page) : route.page;
  useOpenCase(page === "cases" ? route.caseId : null);
  if (page === "cases" && (!isReady || allowed.includes(page))) {
    return (
      <main className="room" tabIndex={-1} data-detail={route.caseId !== null} data-stale={isStale}>
        <CaseList openId={route.caseId} />
        <CaseDetailPane />
      </main>
    );
  }
  const Other = page in OTHERS ? OTHERS[page as keyof typeof OTHERS] : undefined;
  return (
    <main className="page" tabIndex={-1} data-page={page} data-stale={isStale}>
      {!isReady && <p className="page-note">{t("nav.loading")}</p>}
      {isReady && (Other === undefined || !allowed.includes(page)) && (
        <p className="page-note">{t("nav.refused")}</p>
      )}
      {isReady && Other !== undefined && allowed.includes(page) && (
        <Guard key={page}>
          <Suspense fallback={<p className="page-note">{t("nav.loading")}</p>}>
            <Other />
          </Suspense>
        </Guard>
      )}
    </main>
  );
}

function isFirst(hash: string): boolean {
  return hash === "" || hash === "#" || hash === "#/";
}

function useOpenCase(caseId: string | null): void {
  const live = useLive();
  const canOpen = useSelect((state) => state.phase === "ready");
  useEffect(() => {
    if (!canOpen) {
      return;
    }
    if (caseId === null) {
      live.closeCase();
    } else {
      live.openCase(caseId);
    }
  }, [live, caseId, canOpen]);
}
