/** The node against the obvious ways to do it, on the same footage with the same model. */
import { fork } from "node:child_process";
import path from "node:path";
import { medianOf, round } from "./arithmetic.ts";
import { fastClip } from "./footage.ts";
import type { PeerKind } from "./peer-child.ts";
import { nodeSpeed } from "./stages.ts";

const CHILD = path.join(import.meta.dirname, "peer-child.ts");
/** Enough that the node is never short of frames. */
const CAMERAS = 2;

export interface PeerFigures {
  /** Frames per second. */
  readonly node: number;
  readonly plainOnnx: number;
  readonly tfjsWasm: number;
  /** How many times as many frames the node looks at. */
  readonly nodePerPlainOnnx: number;
  readonly nodePerTfjsWasm: number;
}

export async function measurePeers(quick: boolean): Promise<PeerFigures> {
  const [rounds, seconds] = quick ? [1, 3] : [3, 8];
  const rates: Record<"node" | PeerKind, number[]> = { node: [], onnx: [], tfjs: [] };
  for (let round = 0; round < rounds; round++) {
    const auto = { workers: "auto", threads: "auto" } as const;
    rates.node.push((await nodeSpeed({ cameras: CAMERAS, seconds, ...auto })).framesPerS);
    rates.onnx.push(await peerSpeed("onnx", seconds));
    rates.tfjs.push(await peerSpeed("tfjs", seconds));
  }
  const [node, onnx, tfjs] = [rates.node, rates.onnx, rates.tfjs].map(medianOf) as [
    number,
    number,
    number,
  ];
  return {
    node: round(node),
    plainOnnx: round(onnx),
    tfjsWasm: round(tfjs),
    nodePerPlainOnnx: round(node / onnx, 2),
    nodePerTfjsWasm: round(node / tfjs, 2),
  };
}

async function peerSpeed(kind: PeerKind, seconds: number): Promise<number> {
  const child = fork(CHILD, [kind, await fastClip(), String(seconds)], {
    execArgv: ["--import", "tsx"],
  });
  return new Promise((resolve, reject) => {
    child.once("message", (rate) => resolve(rate as number));
    child.once("exit", (code) => reject(new Error(`The peer ${kind} ended with ${code}`)));
  });
}
