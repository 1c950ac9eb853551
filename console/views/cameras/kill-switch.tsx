/** Stops analysis, of one camera or of all, and starts it again: a button, then why. */
import { useState } from "react";
import type { CameraDetail } from "../../../protocol/index.ts";
import { may } from "../../model/index.ts";
import type { CameraRef } from "../../model/cameras/index.ts";
import { useSelect } from "../context.tsx";
import { useCameraApi, useWords } from "./context.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";
import { useKeyed, useTask } from "./use-task.ts";

interface AllSwitchProps {
  /** Cameras in use, and how many of them are stopped by hand. */
  readonly inUse: number;
  readonly stopped: number;
  readonly onDone: (words: string) => void;
}

export function AllSwitch({ inUse, stopped, onDone }: AllSwitchProps) {
  const words = useWords();
  const api = useCameraApi();
  const canManage = useSelect((state) => may(state.session, "camera.manage"));
  const [wish, setWish] = useState<boolean | null>(null);
  const task = useTask();
  const keyed = useKeyed();
  const send = async (analysed: boolean, reason: string): Promise<void> => {
    await task.run(async () => {
      const body = { analysed, reason };
      const { changed } = await keyed(body, (key) => api.switchAll(body, key));
      onDone(words(analysed ? "switch.allStarted" : "switch.allStopped", { count: changed }));
      setWish(null);
    });
  };
  return (
    <div className="kill" data-stopped={stopped > 0}>
      <span className="lamp" data-well={stopped === 0}>
        {stopped === 0
          ? words("switch.allRunning", { count: inUse })
          : words("switch.someStopped", { stopped, count: inUse })}
      </span>
      {canManage && stopped > 0 && (
        <button type="button" className="button" onClick={() => setWish(true)}>
          {words("switch.startAll")}
        </button>
      )}
      {canManage && stopped < inUse && (
        <button type="button" className="button button-stop" onClick={() => setWish(false)}>
          <StopSign /> {words("switch.stopAll")}
        </button>
      )}
      {wish !== null && (
        <ReasonDialog
          title={words(wish ? "switch.startAll" : "switch.stopAll")}
          hint={words(wish ? "switch.startAllHint" : "switch.stopAllHint", { count: inUse })}
          submit={words(wish ? "switch.startAll" : "switch.stopAllNow", { count: inUse })}
          usual={usualReasons(words, wish)}
          isDanger={!wish}
          task={task}
          onSubmit={(reason) => void send(wish, reason)}
          onClose={() => setWish(null)}
        />
      )}
    </div>
  );
}

interface CameraSwitchProps {
  readonly camera: CameraRef & { readonly name: string };
  readonly analysed: boolean;
  readonly isSmall?: boolean;
  readonly onChanged: (detail: CameraDetail) => void;
}

export function CameraSwitch({ camera, analysed, isSmall = false, onChanged }: CameraSwitchProps) {
  const words = useWords();
  const api = useCameraApi();
  const canManage = useSelect((state) => may(state.session, "camera.manage"));
  const [isAsking, setAsking] = useState(false);
  const task = useTask();
  const keyed = useKeyed();
  const { name } = camera;
  const send = async (reason: string): Promise<void> => {
    await task.run(async () => {
      const body = { analysed: !analysed, reason };
      onChanged(await keyed(body, (key) => api.switchCamera(camera, body, key)));
      setAsking(false);
    });
  };
  if (!canManage) {
    return null;
  }
  const size = isSmall ? " button-small" : "";
  return (
    <>
      <button
        type="button"
        className={`button${size}${analysed ? " button-stop" : ""}`}
        onClick={() => setAsking(true)}
      >
        {analysed && <StopSign />}
        {words(analysed ? "switch.stop" : "switch.start")}
        <span className="sr-only">{` ${name}`}</span>
      </button>
      {isAsking && (
        <ReasonDialog
          title={`${words(analysed ? "switch.stop" : "switch.start")} · ${name}`}
          hint={words(analysed ? "switch.stopHint" : "switch.startHint")}
          submit={words(analysed ? "switch.stop" : "switch.start")}
          usual={usualReasons(words, !analysed)}
          isDanger={analysed}
          task={task}
          onSubmit={(reason) => void send(reason)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function usualReasons(words: ReturnType<typeof useWords>, isStart: boolean): readonly string[] {
  return isStart
    ? [words("reason.over"), words("reason.tested")]
    : [words("reason.privacy"), words("reason.maintenance"), words("reason.falseAlarms")];
}

function StopSign() {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2ZM5.5 5.5l5 5M10.5 5.5l-5 5" />
    </svg>
  );
}
