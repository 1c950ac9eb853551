/** The brain's answers about cameras and their rules, and the changes that the page asks for. */
import type {
  AnalysisSwitch,
  AnalysisSwitched,
  CameraDetail,
  CameraItems,
  CameraSnapshot,
  PlanEdit,
  PlannedRule,
  RuleKinds,
  RulePause,
  RuleTest,
} from "../../../protocol/index.ts";
import { createAsker } from "../ask.ts";

/** A camera's name: two nodes may use the same id. */
export interface CameraRef {
  readonly nodeId: string;
  readonly cameraId: string;
}

export interface CameraApi {
  cameras(signal?: AbortSignal): Promise<CameraItems>;
  camera(ref: CameraRef, signal?: AbortSignal): Promise<CameraDetail>;
  ruleKinds(signal?: AbortSignal): Promise<RuleKinds>;
  putPlan(ref: CameraRef, edit: PlanEdit, key: string): Promise<CameraDetail>;
  pause(ref: CameraRef, wish: RulePause, key: string): Promise<CameraDetail>;
  switchCamera(ref: CameraRef, wish: AnalysisSwitch, key: string): Promise<CameraDetail>;
  switchAll(wish: AnalysisSwitch, key: string): Promise<AnalysisSwitched>;
  /** Asks the node for a picture of now. `purpose`: null for whoever may change the camera. */
  snapshot(ref: CameraRef, purpose: string | null): Promise<CameraSnapshot>;
  testRule(ref: CameraRef, rule: PlannedRule, signal?: AbortSignal): Promise<RuleTest>;
}

/** The brain itself waits ten seconds for a node. */
const ANSWER_TIMEOUT_MS = 20_000;

export function createCameraApi(fetchFn: typeof fetch, base = ""): CameraApi {
  const { ask, get, send } = createAsker(fetchFn, base, ANSWER_TIMEOUT_MS);
  return {
    cameras: (signal) => get("/v1/cameras", signal),
    camera: (ref, signal) => get(pathOf(ref), signal),
    ruleKinds: (signal) => get("/v1/rule-kinds", signal),
    putPlan: (ref, edit, key) => send("PUT", `${pathOf(ref)}/plan`, edit, key),
    pause: (ref, wish, key) => send("POST", `${pathOf(ref)}/pause`, wish, key),
    switchCamera: (ref, wish, key) => send("POST", `${pathOf(ref)}/analysis`, wish, key),
    switchAll: (wish, key) => send("POST", "/v1/analysis", wish, key),
    async snapshot(ref, purpose) {
      const headers = purpose === null ? {} : { [PURPOSE_HEADER]: purpose };
      const response = await ask(`${pathOf(ref)}/snapshot`, { method: "POST", headers });
      return (await response.json()) as CameraSnapshot;
    },
    async testRule(ref, rule, signal) {
      const init = {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ rule }),
      };
      const response = await ask(`${pathOf(ref)}/rule-test`, init, signal);
      return (await response.json()) as RuleTest;
    },
  };
}

const PURPOSE_HEADER = "x-sesb-purpose";

function pathOf({ nodeId, cameraId }: CameraRef): string {
  return `/v1/cameras/${encodeURIComponent(nodeId)}/${encodeURIComponent(cameraId)}`;
}

/** A picture's address, with the purpose where one has to be named. */
export function pictureUrl({ url }: CameraSnapshot, purpose: string | null): string {
  return purpose === null ? url : `${url}?purpose=${encodeURIComponent(purpose)}`;
}
