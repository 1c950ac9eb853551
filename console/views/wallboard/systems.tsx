/** Every edge node and department endpoint in one line each; the health panel has the reasons. */
import { useTranslation } from "react-i18next";
import { may } from "../../model/index.ts";
import { useSelect } from "../context.tsx";
import { Icon } from "../icons.tsx";
import { Ago, useNames } from "../wording.tsx";

export function Systems() {
  const { t } = useTranslation();
  const health = useSelect((state) => state.health);
  const names = useNames();
  const isSeen = useSelect((state) => may(state.session, "health.view"));
  if (!isSeen) {
    return null;
  }
  return (
    <section className="wall-systems card" aria-labelledby="wall-systems">
      <h3 id="wall-systems">{t("wall.systems")}</h3>
      {health?.nodes.length === 0 && <p className="muted">{t("health.noNodes")}</p>}
      <ul className="systems">
        {health?.nodes.map((node) => {
          const unwell = node.cameras.filter(
            ({ state }) => state !== "live" && state !== "ended",
          ).length;
          return (
            <li key={node.id}>
              <Icon name="node" />
              <b className="mono">{node.id}</b>
              <span className="lamp" data-well={node.state === "up"}>
                {t(`health.node.${node.state}`)}
              </span>
              <span className={unwell > 0 ? "reason" : "muted"}>
                {unwell > 0
                  ? t("wall.dot", { count: unwell })
                  : t("wall.allLive", { count: node.cameras.length })}
              </span>
              {node.seenAt !== null && <Ago at={node.seenAt} />}
            </li>
          );
        })}
        {health?.endpoints.map((endpoint) => (
          <li key={`${endpoint.department} ${endpoint.url}`}>
            <Icon name="send" />
            <b>{names.department(endpoint.department)}</b>
            <span className="lamp" data-well={endpoint.state !== "failing"}>
              {t(`health.endpoint.${endpoint.state}`)}
            </span>
            <span className="muted">
              {t("health.pending")} {endpoint.pending}
            </span>
            {endpoint.lastError !== null && <span className="reason">{endpoint.lastError}</span>}
          </li>
        ))}
      </ul>
      {health?.endpoints.length === 0 && <p className="muted">{t("health.noEndpoints")}</p>}
    </section>
  );
}
