/** One camera of the list. */
import { useTranslation } from "react-i18next";
import type { CameraItem } from "../../../protocol/index.ts";
import { pageHref } from "../../model/index.ts";
import { conditionOf, partOf } from "../../model/cameras/index.ts";
import { useSelect } from "../context.tsx";
import { CameraSilenceMark } from "../silences.tsx";
import { Ago } from "../wording.tsx";
import { ConditionSign, PlanWords, ProblemWords } from "./condition.tsx";
import { useWords } from "./context.tsx";
import { CameraSwitch } from "./kill-switch.tsx";

interface CameraRowProps {
  readonly camera: CameraItem;
  readonly onChanged: () => void;
}

export function CameraRow({ camera, onChanged }: CameraRowProps) {
  const words = useWords();
  const condition = conditionOf(camera);
  return (
    <li className="camera-row" data-condition={condition}>
      <ConditionSign condition={condition} />
      <div className="camera-who">
        <a className="camera-link" href={pageHref("cameras", partOf(camera))}>
          {camera.name}
        </a>
        <span className="muted mono">{camera.ref}</span>
        <span className="muted">
          {camera.gridCode === null ? (
            words("noGrid")
          ) : (
            <span className="mono">{camera.gridCode}</span>
          )}
          {" · "}
          <Purposes purposes={camera.purposes} />
        </span>
      </div>
      <div className="camera-state">
        <StateWords camera={camera} />
        <CameraSilenceMark camera={camera} />
      </div>
      <Frames camera={camera} />
      <div className="camera-plan">
        <PlanWords camera={camera} />
        <RuleCount camera={camera} />
        {camera.refused !== null && <ProblemWords problem={camera.refused} />}
      </div>
      <div className="camera-acts">
        {camera.openCases > 0 && (
          <span className="muted">{words("openCases", { count: camera.openCases })}</span>
        )}
        {camera.active && camera.registered && (
          <CameraSwitch
            camera={camera}
            analysed={camera.wanted.analysed}
            isSmall
            onChanged={onChanged}
          />
        )}
      </div>
    </li>
  );
}

export function Purposes({ purposes }: { readonly purposes: readonly string[] }) {
  const words = useWords();
  return purposes.length === 0 ? (
    <>{words("noPurpose")}</>
  ) : (
    <>
      {purposes
        .map((purpose) => words(`purpose.${purpose}`, { defaultValue: purpose }))
        .join(words("listComma"))}
    </>
  );
}

/** State, since when, when its node was heard last, and why it is not live. */
export function StateWords({ camera }: { readonly camera: CameraItem }) {
  const { t } = useTranslation();
  const words = useWords();
  const seenAt = useSelect(
    (state) => state.health?.nodes.find(({ id }) => id === camera.nodeId)?.seenAt ?? null,
  );
  const { state, since, node, reason } = camera;
  const isWell = node === "up" && (state === "live" || state === "ended");
  return (
    <>
      <span>
        <span className="lamp" data-well={isWell}>
          {state === "unknown" ? words("state.unknown") : t(`health.camera.${state}`)}
        </span>{" "}
        {since !== null && (
          <span className="muted">
            <Ago at={since} />
          </span>
        )}
      </span>
      <span className="muted">
        {words("node", { node: camera.nodeId })}: {t(`health.node.${node}`)}
        {seenAt !== null && (
          <>
            {" · "}
            <Ago at={seenAt} />
          </>
        )}
      </span>
      {reason !== null && <span className="reason">{reason}</span>}
    </>
  );
}

function Frames({ camera }: { readonly camera: CameraItem }) {
  const { t } = useTranslation();
  const { frames } = camera;
  const nodeId = camera.nodeId;
  const nodes = useSelect((state) => state.health?.nodes);
  const causes = nodes
    ?.find(({ id }) => id === nodeId)
    ?.cameras.find(({ id }) => id === camera.cameraId)?.dropped;
  if (frames === null) {
    return <div className="camera-frames muted">–</div>;
  }
  return (
    <dl className="camera-frames">
      <Figure name={t("health.analysed")} value={frames.analysed} />
      <Figure name={t("health.dropped")} value={frames.dropped} />
      <DropCauses causes={causes} />
      {frames.reconnects > 0 && <Figure name={t("health.reconnects")} value={frames.reconnects} />}
    </dl>
  );
}

function DropCauses({ causes }: { readonly causes: Readonly<Record<string, number>> | undefined }) {
  const words = useWords();
  const found = Object.entries(causes ?? {}).filter(([, count]) => count > 0);
  return found.map(([cause, count]) => (
    <Figure
      key={cause}
      name={words(`cause.${cause}`, { defaultValue: cause })}
      value={count}
      isPart
    />
  ));
}

function Figure(props: {
  readonly name: string;
  readonly value: number;
  readonly isPart?: boolean;
}) {
  return (
    <div className={props.isPart === true ? "figure-part" : undefined}>
      <dt>{props.name}</dt>
      <dd className="mono">{props.value}</dd>
    </div>
  );
}

function RuleCount({ camera }: { readonly camera: CameraItem }) {
  const words = useWords();
  const { inForce, wanted } = camera;
  const paused = wanted.paused.length;
  return (
    <span className="muted">
      {inForce === null ? words("rulesUnknown") : words("ruleCount", { count: inForce.rules })}
      {paused > 0 && ` · ${words("pausedCount", { count: paused })}`}
    </span>
  );
}
