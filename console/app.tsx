/** The control room's page, put together. */
import { useEffect } from "react";
import { Announcer } from "./views/announcer.tsx";
import { CaseDetailPane } from "./views/case-detail/index.tsx";
import { CaseList } from "./views/case-list.tsx";
import { ConnectionBanner } from "./views/connection.tsx";
import { useLive, useRoute, useSelect } from "./views/context.tsx";
import { StartFailure } from "./views/failures.tsx";
import { useDocumentLanguage } from "./views/preferences.tsx";
import { SignIn } from "./views/sign-in.tsx";
import { TopBar } from "./views/top-bar.tsx";

export function App() {
  useDocumentLanguage();
  return (
    <>
      <TopBar />
      <ConnectionBanner />
      <Body />
      <Announcer />
    </>
  );
}

function Body() {
  const live = useLive();
  const phase = useSelect((state) => state.phase);
  const connection = useSelect((state) => state.connection);
  const { caseId } = useRoute();
  const canOpen = phase === "ready";
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
  if (phase === "signed-out") {
    return <SignIn />;
  }
  if (phase === "failed") {
    return <StartFailure />;
  }
  const isStale = phase === "ready" && connection !== "live" && connection !== "connecting";
  return (
    <main className="room" data-detail={caseId !== null} data-stale={isStale}>
      <CaseList openId={caseId} />
      <CaseDetailPane />
    </main>
  );
}
