/** What the draft of a rule would have told about the tracks that the node remembers. */
import { useTranslation } from "react-i18next";
import type { RuleTest } from "../../../protocol/index.ts";
import { stripOf, type Strip } from "../../model/cameras/index.ts";
import { useReason } from "../reason.tsx";
import { useTimeWords } from "../wording.tsx";
import type { CameraPartProps } from "./camera-page.tsx";
import { useCameraApi, useWords } from "./context.tsx";
import type { Tested } from "./rule-editor.tsx";
import { SCENE_HEIGHT, widthOf, type SceneSize } from "./scene.tsx";
import { useTask, type Task } from "./use-task.ts";

interface TestPanelProps extends CameraPartProps {
  readonly rule: Tested["rule"];
  readonly tested: Tested | null;
  /** The rule was changed since its test. */
  readonly isOld: boolean;
  /** Nothing is missing in it. */
  readonly isWhole: boolean;
  readonly used: {
    readonly show: (problem: NonNullable<Task["error"]>["problem"] & {}) => boolean;
  };
  readonly onTested: (tested: Tested) => void;
}

export function TestPanel(props: TestPanelProps) {
  const words = useWords();
  const api = useCameraApi();
  const task = useTask();
  const { rule, tested, isOld, isWhole, cameraRef, used, onTested } = props;
  const run = (): void => {
    if (isWhole) {
      void task.run(async () => {
        try {
          onTested({ rule, test: await api.testRule(cameraRef, rule) });
        } catch (cause) {
          const problem = (cause as NonNullable<Task["error"]>).problem;
          if (problem?.where?.startsWith("rule.") === true) {
            // Of one rule alone: `rules[0]` of the draft may be another one.
            used.show({ ...problem, where: problem.where.replace(/^rule/, `rules.${rule.id}`) });
          }
          throw cause;
        }
      });
    }
  };
  return (
    <section className="test-panel" aria-label={words("test.title")}>
      <p className="buttons">
        <button
          type="button"
          className="button"
          aria-disabled={!isWhole || task.isWorking}
          aria-busy={task.isWorking}
          onClick={run}
        >
          {words(task.isWorking ? "test.running" : "test.run")}
        </button>
        {!isWhole && <span className="muted">{words("test.notWhole")}</span>}
      </p>
      <Failure task={task} />
      {tested !== null && <Result test={tested.test} isOld={isOld} />}
    </section>
  );
}

function Failure({ task }: { readonly task: Task }) {
  const words = useWords();
  const reasonOf = useReason();
  if (task.error === null) {
    return null;
  }
  const isAway = task.error.problem?.code === "NODE_AWAY";
  return (
    <p className="form-error" role="alert">
      {isAway ? words("nodeAway") : words("failed", { reason: reasonOf(task.error) })}
    </p>
  );
}

function Result({ test, isOld }: { readonly test: RuleTest; readonly isOld: boolean }) {
  const words = useWords();
  const times = useTimeWords();
  const strip = stripOf(test);
  if (strip === null) {
    return <p role="status">{words("test.nothing")}</p>;
  }
  return (
    <div className="test-result" data-old={isOld}>
      <p role="status">
        <b>{words("test.count", { count: test.alarmCount })}</b>{" "}
        {words("test.stretch", {
          from: times.dateTime(strip.from),
          to: times.time(strip.to),
          tracks: test.tracks,
        })}{" "}
        {strip.perHour !== null && words("test.perHour", { rate: strip.perHour.toFixed(1) })}
      </p>
      {isOld && <p className="form-warning">{words("test.old")}</p>}
      {test.incomplete.map((gap) => (
        <p key={gap} className="form-warning">
          {words(`gap.${gap}`, { defaultValue: gap })}
        </p>
      ))}
      <StripOfTime strip={strip} />
      {test.alarmCount > strip.alarms.length && (
        <p className="muted">{words("test.first", { shown: strip.alarms.length })}</p>
      )}
      <Times strip={strip} />
    </div>
  );
}

function StripOfTime({ strip }: { readonly strip: Strip }) {
  const words = useWords();
  const times = useTimeWords();
  return (
    <div className="strip">
      <svg
        viewBox="0 0 1000 40"
        preserveAspectRatio="none"
        role="img"
        aria-label={words("test.stripLabel", { count: strip.alarms.length })}
      >
        <rect className="strip-ground" width="1000" height="40" />
        {strip.alarms.map(({ id, start, end, isOpen }) => (
          <rect
            key={id}
            className="strip-alarm"
            data-open={isOpen}
            x={start * 1000}
            y="6"
            width={Math.max(4, (end - start) * 1000)}
            height="28"
          />
        ))}
      </svg>
      <span className="strip-ends mono">
        <span>{times.time(strip.from)}</span>
        <span>{times.time(strip.to)}</span>
      </span>
    </div>
  );
}

function Times({ strip }: { readonly strip: Strip }) {
  const words = useWords();
  const { t } = useTranslation();
  const times = useTimeWords();
  return strip.alarms.length === 0 ? null : (
    <details open={strip.alarms.length <= 5}>
      <summary>{words("test.times")}</summary>
      <ol className="test-times" aria-label={t("common.table")}>
        {strip.alarms.map(({ id, onset, lastedS }) => (
          <li key={id}>
            <span className="mono">{times.dateTime(onset)}</span>{" "}
            <span className="muted">
              {lastedS === null
                ? words("test.open")
                : words("test.lasted", { seconds: Math.round(lastedS * 10) / 10 })}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** Where objects stood, and what alarmed, over the picture. */
export function TestMarks({ test, size }: { readonly test: RuleTest; readonly size: SceneSize }) {
  const width = widthOf(size);
  return (
    <g className="test-marks">
      {test.footprints.map(([x, y], index) => (
        <circle key={index} className="footprint" cx={x * width} cy={y * SCENE_HEIGHT} r="5" />
      ))}
      {test.alarms.map(({ id, box }) =>
        box === undefined ? null : (
          <rect
            key={id}
            className="alarm-box"
            x={box.left * width}
            y={box.top * SCENE_HEIGHT}
            width={box.width * width}
            height={box.height * SCENE_HEIGHT}
          />
        ),
      )}
    </g>
  );
}
