/** A node that signs its questions, as an edge node does. */
import { createHash } from "node:crypto";
import http from "node:http";
import {
  type CameraScene,
  cameraIdSchema,
  formatTime,
  type Heartbeat,
  type NodeOrder,
  nodeIdSchema,
  type OrderResult,
  type OrdersAnswer,
  type OrdersQuestion,
  type PlanState,
  type RuleId,
} from "../../../protocol/index.ts";
import { signedHeaders } from "./brain-bench.ts";

export interface FakeNode {
  send(address: string, body: unknown): Promise<Response>;
  /** `POST /v1/orders/next`; throws where it is refused. */
  next(question?: Partial<OrdersQuestion>): Promise<OrdersAnswer>;
  /** Asks over a connection of its own, which the returned function cuts. */
  askAndCut(question: Partial<OrdersQuestion>): () => void;
  settle(order: NodeOrder, result: OrderResult): Promise<Response>;
  upload(picture: Buffer): Promise<Response>;
  beat(): Promise<void>;
}

export interface NodeSettings {
  readonly url: string;
  readonly secret: string;
  readonly id?: string;
  readonly now?: () => number;
}

export function fakeNode({ url, secret, id = "node-1", now = Date.now }: NodeSettings): FakeNode {
  const sign = (body: string): Record<string, string> => ({
    "content-type": "application/json",
    ...signedHeaders(body, { sender: id, secret, at: now() }),
  });
  const send: FakeNode["send"] = (address, value) => {
    const body = JSON.stringify(value);
    return fetch(`${url}${address}`, { method: "POST", body, headers: sign(body) });
  };
  const wholeOf = (question: Partial<OrdersQuestion>): object => ({
    ...{ nodeId: id, plans: [stateOf()], scenes: [], waitMs: 0 },
    ...question,
  });
  return {
    send,
    next: async (question = {}) => {
      const response = await send("/v1/orders/next", wholeOf(question));
      if (!response.ok) {
        throw new Error(`${response.status} ${await response.text()}`);
      }
      return (await response.json()) as OrdersAnswer;
    },
    askAndCut: (question) => {
      const body = JSON.stringify(wholeOf(question));
      const request = http.request(`${url}/v1/orders/next`, {
        ...{ method: "POST", agent: false },
        headers: sign(body),
      });
      request.on("error", () => undefined);
      request.end(body);
      return () => {
        request.destroy();
      };
    },
    settle: (order, result) => send(`/v1/orders/${order.id}/result`, result),
    upload: (picture) => {
      const sha256 = sha256Of(picture);
      return fetch(`${url}/v1/evidence/${sha256}`, {
        method: "PUT",
        body: new Uint8Array(picture),
        headers: {
          "content-type": "image/jpeg",
          ...signedHeaders(sha256, { sender: id, secret, at: now() }),
        },
      });
    },
    beat: async () => {
      const at = formatTime(now());
      const heartbeat: Heartbeat = {
        ...{ nodeId: nodeIdSchema.parse(id), sentAt: at, startedAt: at, version: "1.0.0" },
        ...{ model: "nanodet", provider: "cpu", outboxDepth: 0 },
        cameras: [
          {
            ...{ id: cameraIdSchema.parse("cam-1"), name: "Gate", state: "live", since: at },
            ...{ captured: 100, analysed: 20, dropped: { still: 80 }, reconnects: 1 },
          },
        ],
      };
      const response = await send("/v1/heartbeat", heartbeat);
      if (!response.ok) {
        throw new Error(`${response.status} ${await response.text()}`);
      }
    },
  };
}

export function stateOf(version = 0, camera = "cam-1"): PlanState {
  return { camera: cameraIdSchema.parse(camera), version };
}

export const ZONE_RULE = {
  kind: "zone-intrusion",
  id: "yard",
  eventType: "SEC.INTRUDE",
  zone: [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.5, 0.9],
  ],
};

export function sceneOf(changes: Partial<CameraScene> = {}): CameraScene {
  const rules = [ZONE_RULE] as unknown as CameraScene["rules"];
  return {
    camera: cameraIdSchema.parse("cam-1"),
    ...{ name: "Gate", width: 1280, height: 720, calibrated: false, purpose: "public-safety" },
    ...{ analysed: true, paused: [] as RuleId[], rules, fileRules: rules },
    ...changes,
  };
}

export function jpegOf(fill: number): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(300, fill)]);
}

export function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
