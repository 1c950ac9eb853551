/** A draft that is not live yet is not lost by a slip: the browser asks, and the page asks. */
import { useEffect, useState } from "react";
import { Modal } from "../actions/modal.tsx";
import { useWords } from "./context.tsx";

export function LeaveGuard({ isDirty }: { readonly isDirty: boolean }) {
  const words = useWords();
  const [wanted, setWanted] = useState<string | null>(null);
  useEffect(() => {
    if (!isDirty) {
      return;
    }
    return guard((hash) => setWanted(hash));
  }, [isDirty]);
  if (wanted === null || !isDirty) {
    return null;
  }
  const leave = (): void => {
    leaving = true;
    window.location.hash = wanted;
  };
  return (
    <Modal title={words("leave.title")} onClose={() => setWanted(null)}>
      <p>{words("leave.body")}</p>
      <p className="form-buttons">
        <button
          type="button"
          className="button button-main"
          data-first=""
          onClick={() => setWanted(null)}
        >
          {words("leave.stay")}
        </button>
        <button type="button" className="button button-danger" onClick={leave}>
          {words("leave.go")}
        </button>
      </p>
    </Modal>
  );
}

/** The next change of the address has been agreed to. */
let leaving = false;

function guard(onWanted: (hash: string) => void): () => void {
  leaving = false;
  const here = window.location.hash;
  const onUnload = (event: BeforeUnloadEvent): void => event.preventDefault();
  const onClick = (event: MouseEvent): void => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href^='#/']");
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
    if (link !== null && isPlain && link.getAttribute("href") !== here) {
      event.preventDefault();
      event.stopPropagation();
      onWanted(link.getAttribute("href") ?? "#/");
    }
  };
  // "Back" and typed addresses cannot be held: the page goes back to where it was, and asks. This
  // event comes before the one by which the page follows its address.
  const onPop = (): void => {
    const next = window.location.hash;
    if (!leaving && next !== here) {
      history.pushState(null, "", here);
      onWanted(next);
    }
  };
  window.addEventListener("beforeunload", onUnload);
  document.addEventListener("click", onClick, true);
  window.addEventListener("popstate", onPop);
  return () => {
    window.removeEventListener("beforeunload", onUnload);
    document.removeEventListener("click", onClick, true);
    window.removeEventListener("popstate", onPop);
  };
}
