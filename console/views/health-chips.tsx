/** The system's own health, one glance; a panel with the reasons. */
import { useTranslation } from "react-i18next";
import type { HealthView } from "../../protocol/index.ts";
import { useSelect } from "./context.tsx";
import { HealthPanel } from "./health-panel.tsx";
import { Icon } from "./icons.tsx";

interface Chip {
  readonly key: "nodes" | "cameras" | "endpoints" | "inbox";
  readonly icon: "node" | "camera" | "send" | "inbox";
  readonly text: string;
  readonly isWell: boolean;
}

/** More than this waiting means that the brain does not keep up. */
const INBOX_BUSY = 100;

export function HealthChips() {
  const { t } = useTranslation();
  const health = useSelect((state) => state.health);
  const status = health?.status ?? "unknown";
  return (
    <div className="health">
      <button
        type="button"
        className="chips"
        data-status={status}
        popoverTarget="health-panel"
        aria-label={`${t("health.open")}: ${t(`health.${status}`)}`}
      >
        <span className="chip chip-status" data-well={status !== "degraded"}>
          <Icon name="pulse" />
          {t(`health.${status}`)}
        </span>
        {health !== null &&
          chipsOf(health).map((chip) => (
            <span key={chip.key} className="chip" data-well={chip.isWell}>
              <Icon name={chip.icon} />
              <span className="chip-name">{t(`health.${chip.key}`)}</span>
              <span className="chip-figure">
                {chip.text}
                {chip.isWell ? "" : " !"}
              </span>
            </span>
          ))}
      </button>
      <div id="health-panel" className="panel" popover="auto" aria-label={t("health.title")}>
        {health !== null && <HealthPanel health={health} />}
      </div>
    </div>
  );
}

function chipsOf(health: HealthView): readonly Chip[] {
  const cameras = health.nodes.flatMap((node) => node.cameras);
  const watched = cameras.filter((camera) => camera.state !== "ended");
  const nodesUp = health.nodes.filter((node) => node.state === "up").length;
  const camerasLive = watched.filter((camera) => camera.state === "live").length;
  const failing = health.endpoints.filter((endpoint) => endpoint.state === "failing").length;
  const share = (good: number, all: number): string => `${good}/${all}`;
  return [
    {
      key: "nodes",
      icon: "node",
      text: share(nodesUp, health.nodes.length),
      isWell: nodesUp === health.nodes.length && nodesUp > 0,
    },
    {
      key: "cameras",
      icon: "camera",
      text: share(camerasLive, watched.length),
      isWell: camerasLive === watched.length,
    },
    {
      key: "endpoints",
      icon: "send",
      text: share(health.endpoints.length - failing, health.endpoints.length),
      isWell: failing === 0,
    },
    {
      key: "inbox",
      icon: "inbox",
      text: String(health.inboxDepth),
      isWell: health.inboxDepth < INBOX_BUSY,
    },
  ];
}
