/** Tables of `migrations/0009-plans.sql`. */
import type {
  CameraScene,
  NodeOrder,
  OrderResult,
  PlanChange,
  PlannedRule,
  PlanState,
} from "../../../protocol/index.ts";
import type { Json, NullableJson, NullableTime, Time } from "./column.ts";

export interface CameraPlanTable {
  node_id: string;
  camera_id: string;
  version: number;
  analysed: boolean;
  paused: Json<readonly string[]>;
  rules: NullableJson<readonly PlannedRule[]>;
  did: Json<PlanChange["did"]>;
  rule_ids: Json<readonly string[]>;
  reason: string;
  changed_by: string;
  changed_by_name: string;
  changed_at: Time;
}

export interface CameraSceneTable {
  node_id: string;
  camera_id: string;
  version: number | null;
  refused: NullableJson<NonNullable<PlanState["refused"]>>;
  scene: NullableJson<CameraScene>;
  told_at: Time;
}

export interface NodeOrderTable {
  id: string;
  node_id: string;
  camera_id: string;
  kind: NodeOrder["kind"];
  rule: NullableJson<PlannedRule>;
  until: Time;
  told_at: NullableTime;
  result: NullableJson<OrderResult>;
}

export interface CameraSnapshotTable {
  node_id: string;
  camera_id: string;
  sha256: string;
  at: Time;
}

export interface PlansSchema {
  camera_plan: CameraPlanTable;
  camera_scene: CameraSceneTable;
  node_order: NodeOrderTable;
  camera_snapshot: CameraSnapshotTable;
}
