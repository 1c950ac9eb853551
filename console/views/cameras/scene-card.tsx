/** The camera's picture with every rule's zones and lines on it. */
import { useTranslation } from "react-i18next";
import type { CameraDetail, PlannedRule } from "../../../protocol/index.ts";
import { pointsOf, type DrawnField } from "../../model/cameras/index.ts";
import { useReason } from "../reason.tsx";
import { useTimeWords } from "../wording.tsx";
import { useWords, type PageWords } from "./context.tsx";
import { Scene, type LineWay, type SceneShape, type SceneSize } from "./scene.tsx";
import type { UsedSnapshot } from "./use-snapshot.ts";

interface SceneCardProps {
  readonly detail: CameraDetail;
  readonly rules: readonly PlannedRule[];
  readonly picture: UsedSnapshot;
}

export function SceneCard({ detail, rules, picture }: SceneCardProps) {
  const words = useWords();
  const size = sizeOf(detail, picture);
  const shapes = shapesOf(rules, detail.plan.paused, null);
  return (
    <section className="card scene-card" aria-label={words("picture.title")}>
      <PictureBar picture={picture} />
      <Scene
        size={size}
        pictureUrl={picture.url}
        pictureAlt={words("picture.alt", { name: detail.camera.name })}
        shapes={shapes}
        label={sceneLabel(words, rules)}
      />
    </section>
  );
}

export function PictureBar({ picture }: { readonly picture: UsedSnapshot }) {
  const { t } = useTranslation();
  const words = useWords();
  const times = useTimeWords();
  const reasonOf = useReason();
  const { snapshot, task, purposes, purpose, choose, take } = picture;
  return (
    <div className="picture-bar">
      {purposes.length > 1 && (
        <label className="entry">
          <span>{words("picture.purpose")}</span>
          <select value={purpose ?? ""} onChange={(event) => choose(event.target.value)}>
            {purposes.map((option) => (
              <option key={option} value={option}>
                {words(`purpose.${option}`, { defaultValue: option })}
              </option>
            ))}
          </select>
        </label>
      )}
      <button
        type="button"
        className="button button-small"
        aria-disabled={task.isWorking}
        aria-busy={task.isWorking}
        onClick={take}
      >
        {words(
          task.isWorking ? "picture.asking" : snapshot === null ? "picture.take" : "picture.again",
        )}
      </button>
      <span role="status" className="muted">
        {snapshot === null
          ? words("picture.none")
          : words("picture.at", { time: times.dateTime(snapshot.capturedAt) })}
      </span>
      {task.error !== null && (
        <span className="form-error" role="alert">
          {task.error.problem?.code === "NODE_AWAY"
            ? words("nodeAway")
            : task.error.problem?.code === "CAMERA_INACTIVE"
              ? words("picture.stopped")
              : t("common.failed", { reason: reasonOf(task.error) })}
        </span>
      )}
    </div>
  );
}

/** Of the picture that is shown; else of the analysed one; else as most cameras are. */
export function sizeOf({ scene }: CameraDetail, { snapshot }: UsedSnapshot): SceneSize {
  if (snapshot !== null) {
    return snapshot;
  }
  return scene !== null && scene.width > 0 && scene.height > 0 ? scene : { width: 16, height: 9 };
}

const DRAWN: readonly DrawnField["name"][] = ["zone", "line", "allowed"];

/** `apart`: the drawing that is being changed stands on a layer of its own. */
export function shapesOf(
  rules: readonly PlannedRule[],
  paused: readonly string[],
  apart: { readonly ruleId: string; readonly field: string | null } | null,
): readonly SceneShape[] {
  return rules.flatMap((rule, index) =>
    DRAWN.flatMap((name) => {
      const points = pointsOf(rule, name);
      const isApart = apart?.ruleId === rule.id && apart.field === name;
      return points.length === 0 || isApart
        ? []
        : [
            {
              key: `${rule.id} ${name}`,
              number: index + 1,
              shape: name === "zone" ? ("zone" as const) : ("line" as const),
              points,
              way: wayOf(rule, name),
              isPaused: paused.includes(rule.id),
              isDimmed: apart !== null && apart.ruleId !== rule.id,
            },
          ];
    }),
  );
}

export function wayOf(rule: PlannedRule, name: string): LineWay | null {
  if (name === "zone") {
    return null;
  }
  if (name === "allowed") {
    return "along";
  }
  if (rule.kind === "counting") {
    return "in-out";
  }
  const direction = rule["direction"];
  return direction === "left-to-right" || direction === "right-to-left" ? direction : "both";
}

function sceneLabel(words: PageWords, rules: readonly PlannedRule[]): string {
  const names = rules
    .map((rule, index) => {
      const kind = words(`kind.${rule.kind}`, { defaultValue: rule.kind });
      const drawn = DRAWN.filter((name) => pointsOf(rule, name).length > 0).map((name) =>
        words(`drawn.${name}`),
      );
      return `${index + 1} ${kind}${drawn.length === 0 ? "" : ` (${drawn.join(", ")})`}`;
    })
    .join("; ");
  return rules.length === 0 ? words("picture.noRules") : words("picture.drawn", { names });
}
