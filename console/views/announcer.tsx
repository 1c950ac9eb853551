/** Says new incidents to those who listen: politely, and at once where life is at stake. */
import { useTranslation } from "react-i18next";
import { useSelect } from "./context.tsx";
import { useLanguage } from "./wording.tsx";

export function Announcer() {
  const { t } = useTranslation();
  const language = useLanguage();
  const { cases } = useSelect((state) => state.arrivals);
  const first = cases[0];
  const isUrgent = cases.some((item) => item.serviceLevel === "S0");
  let text = "";
  if (first !== undefined) {
    text =
      cases.length > 1
        ? t("list.arrivedMany", { count: cases.length })
        : t("list.arrived", {
            title: first.title[language],
            camera: first.camera.name,
            severity: t(`severity.s${first.severity}`),
          });
  }
  return (
    <div className="sr-only">
      <div aria-live="polite">{isUrgent ? "" : text}</div>
      <div aria-live="assertive">{isUrgent ? text : ""}</div>
    </div>
  );
}
