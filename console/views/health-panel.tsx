/** Every node, camera and department endpoint with its state and the reason for it. */
import { useTranslation } from "react-i18next";
import type { CameraReport, HealthView } from "../../protocol/index.ts";
import { Ago, useNames } from "./wording.tsx";
import { Icon } from "./icons.tsx";

type NodeHealth = HealthView["nodes"][number];
type EndpointHealth = HealthView["endpoints"][number];

export function HealthPanel({ health }: { readonly health: HealthView }) {
  const { t } = useTranslation();
  return (
    <>
      <div className="panel-head">
        <h2>{t("health.title")}</h2>
        <span className="lamp" data-well={health.status === "ok"}>
          {t(`health.${health.status}`)}
        </span>
        <button
          type="button"
          className="icon-button"
          popoverTarget="health-panel"
          popoverTargetAction="hide"
          aria-label={t("health.close")}
        >
          <Icon name="close" />
        </button>
      </div>
      <h3>{t("health.nodes")}</h3>
      {health.nodes.length === 0 && <p className="muted">{t("health.noNodes")}</p>}
      {health.nodes.map((node) => (
        <NodeCard key={node.id} node={node} />
      ))}
      <h3>{t("health.endpoints")}</h3>
      {health.endpoints.length === 0 && <p className="muted">{t("health.noEndpoints")}</p>}
      <ul className="health-list">
        {health.endpoints.map((endpoint) => (
          <EndpointLine key={`${endpoint.department} ${endpoint.url}`} endpoint={endpoint} />
        ))}
      </ul>
      <p className="muted">
        {t("health.inboxLong")}: <b>{health.inboxDepth}</b>
        {" · "}
        {t("health.version", { version: health.version })}
      </p>
    </>
  );
}

function NodeCard({ node }: { readonly node: NodeHealth }) {
  const { t } = useTranslation();
  return (
    <div className="node-card">
      <div className="health-line">
        <b className="mono">{node.id}</b>
        <span className="lamp" data-well={node.state === "up"}>
          {t(`health.node.${node.state}`)}
        </span>
      </div>
      <p className="facts">
        {node.seenAt === null ? t("health.neverSeen") : <SeenAgo at={node.seenAt} />}
        {node.skewMs !== null && (
          <span>
            {t("health.skew")} {Math.round(node.skewMs)} ms
          </span>
        )}
        {node.model !== null && (
          <span>
            {t("health.model")} {node.model}
          </span>
        )}
        {node.provider !== null && (
          <span>
            {t("health.provider")} {node.provider}
          </span>
        )}
        {node.outboxDepth !== null && (
          <span>
            {t("health.outbox")} {node.outboxDepth}
          </span>
        )}
      </p>
      <ul className="health-list">
        {node.cameras.map((camera) => (
          <CameraLine key={camera.id} camera={camera} />
        ))}
      </ul>
    </div>
  );
}

function SeenAgo({ at }: { readonly at: string }) {
  const { t } = useTranslation();
  const [before = "", after = ""] = t("health.seen", { age: "\u0000" }).split("\u0000");
  return (
    <span>
      {before}
      <Ago at={at} />
      {after}
    </span>
  );
}

function CameraLine({ camera }: { readonly camera: CameraReport }) {
  const { t } = useTranslation();
  const dropped = Object.values(camera.dropped).reduce((sum, count) => sum + count, 0);
  return (
    <li>
      <div className="health-line">
        <span>
          <Icon name="camera" /> {camera.name}
        </span>
        <span className="lamp" data-well={camera.state === "live" || camera.state === "ended"}>
          {t(`health.camera.${camera.state}`)}
        </span>
      </div>
      {camera.reason !== undefined && <p className="reason">{camera.reason}</p>}
      <p className="facts">
        <Ago at={camera.since} />
        <span>
          {t("health.analysed")} {camera.analysed}
        </span>
        <span>
          {t("health.dropped")} {dropped}
        </span>
        <span>
          {t("health.reconnects")} {camera.reconnects}
        </span>
      </p>
    </li>
  );
}

function EndpointLine({ endpoint }: { readonly endpoint: EndpointHealth }) {
  const { t } = useTranslation();
  const names = useNames();
  const [before = "", after = ""] = t("health.lastSuccess", { age: "\u0000" }).split("\u0000");
  return (
    <li>
      <div className="health-line">
        <span>
          <Icon name="send" /> {names.department(endpoint.department)}
        </span>
        <span className="lamp" data-well={endpoint.state !== "failing"}>
          {t(`health.endpoint.${endpoint.state}`)}
        </span>
      </div>
      {endpoint.lastError !== null && <p className="reason">{endpoint.lastError}</p>}
      <p className="facts">
        <span className="mono">{endpoint.url}</span>
        <span>
          {t("health.pending")} {endpoint.pending}
        </span>
        <span>
          {endpoint.lastSuccessAt === null ? (
            t("health.noSuccess")
          ) : (
            <>
              {before}
              <Ago at={endpoint.lastSuccessAt} />
              {after}
            </>
          )}
        </span>
      </p>
    </li>
  );
}
