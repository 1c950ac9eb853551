/** What the list says when there is nothing in it. */
import { useTranslation } from "react-i18next";
import { useLive, useSelect } from "./context.tsx";
import { EyeMark } from "./icons.tsx";

export function EmptyList() {
  const { t } = useTranslation();
  const health = useSelect((state) => state.health);
  const live = health?.nodes
    .flatMap((node) => node.cameras)
    .filter((camera) => camera.state === "live").length;
  return (
    <div className="empty">
      <EyeMark />
      <h2>{t("empty.title")}</h2>
      <p>{t("empty.body")}</p>
      <ol>
        <li>{t("empty.step1")}</li>
        <li>{t("empty.step2")}</li>
        <li>{t("empty.step3")}</li>
      </ol>
      {live !== undefined && <p className="empty-note">{t("empty.watching", { live })}</p>}
    </div>
  );
}

export function NoMatch() {
  const { t } = useTranslation();
  const live = useLive();
  return (
    <div className="empty">
      <h2>{t("list.noMatch")}</h2>
      <p>{t("list.noMatchHint")}</p>
      <button
        type="button"
        className="button"
        onClick={() => {
          live.setQuery("");
          live.setFilter("ALL");
        }}
      >
        {t("list.reset")}
      </button>
    </div>
  );
}
