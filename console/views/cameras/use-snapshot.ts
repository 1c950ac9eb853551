/** A picture of now: asked for by a press, for a purpose, and never by itself. */
import { useState } from "react";
import type { CameraItem, CameraSnapshot } from "../../../protocol/index.ts";
import { may } from "../../model/index.ts";
import { pictureUrl, type CameraRef } from "../../model/cameras/index.ts";
import { useSelect } from "../context.tsx";
import { useCameraApi } from "./context.tsx";
import { useTask, type Task } from "./use-task.ts";

export interface UsedSnapshot {
  readonly snapshot: CameraSnapshot | null;
  readonly url: string | null;
  readonly task: Task;
  readonly take: () => void;
  /** Purposes to choose from; empty for whoever looks in order to set the camera up. */
  readonly purposes: readonly string[];
  readonly purpose: string | null;
  readonly choose: (purpose: string) => void;
}

export function useSnapshot(ref: CameraRef, camera: CameraItem): UsedSnapshot {
  const api = useCameraApi();
  const task = useTask();
  const canManage = useSelect((state) => may(state.session, "camera.manage"));
  const [snapshot, setSnapshot] = useState<CameraSnapshot | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const purposes = canManage ? [] : camera.purposes;
  const purpose = canManage ? null : (chosen ?? purposes[0] ?? null);
  return {
    ...{ snapshot, task, purposes, purpose },
    url: snapshot === null ? null : pictureUrl(snapshot, purpose),
    choose: setChosen,
    take: () => {
      void task.run(async () => setSnapshot(await api.snapshot(ref, purpose)));
    },
  };
}
