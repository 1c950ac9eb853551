/**
 * Directed line crossing: an object's foot point was on one side of the line, farther than the
 * margin, and is now on the other, and its way crossed the line between its ends. Each crossing is
 * an alarm that begins and ends with it; the same object is silent for the cool-down, so that
 * someone dithering on the line is one incident.
 */
import type { LineRuleConfig } from "../../config/index.ts";
import {
  footPoint,
  segmentsCross,
  sideOfLine,
  type EpochMs,
  type PointNorm,
} from "../../protocol/index.ts";
import { passes, type AlarmSignal, type Rule, type Scene, type SceneObject } from "./rule.ts";

/** An object unseen for longer is forgotten; its next sight starts afresh. */
const FORGET_MS = 5000;

interface Passer {
  /** Last point that was clearly on one side, and which: −1 left, 1 right. */
  clear: { readonly point: PointNorm; readonly side: -1 | 1; readonly at: EpochMs } | undefined;
  lastSeen: EpochMs;
  silentUntil: EpochMs;
}

export class LineCrossingRule implements Rule {
  readonly #config: LineRuleConfig;
  readonly #lengthNorm: number;
  readonly #passers = new Map<number, Passer>();
  #nextKey = 1;

  constructor(config: LineRuleConfig) {
    this.#config = config;
    const [a, b] = config.line;
    this.#lengthNorm = Math.hypot(b[0] - a[0], b[1] - a[1]);
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    const signals: AlarmSignal[] = [];
    for (const object of scene.objects) {
      if (passes(object, this.#config)) {
        signals.push(...this.#observe(object, scene.at));
      }
    }
    for (const [trackId, passer] of this.#passers) {
      if (scene.at - passer.lastSeen > FORGET_MS) {
        this.#passers.delete(trackId);
      }
    }
    return signals;
  }

  #observe(object: SceneObject, at: EpochMs): readonly AlarmSignal[] {
    const point = footPoint(object.box);
    const passer = this.#passers.get(object.trackId) ?? {
      clear: undefined,
      lastSeen: at,
      silentUntil: -Infinity,
    };
    this.#passers.set(object.trackId, passer);
    passer.lastSeen = at;
    const side = this.#sideOf(point);
    if (side === 0) {
      return [];
    }
    const before = passer.clear;
    passer.clear = { point, side, at };
    if (before === undefined || before.side === side) {
      return [];
    }
    const [a, b] = this.#config.line;
    if (
      !segmentsCross(a, b, before.point, point) ||
      !this.#wanted(side) ||
      at < passer.silentUntil
    ) {
      return [];
    }
    passer.silentUntil = at + this.#config.cooldownS * 1000;
    const key = this.#nextKey++;
    return [
      { kind: "begin", key, onset: before.at, object },
      { kind: "end", key, endedAt: at },
    ];
  }

  /** 0 within the margin. Right of the first→second direction is 1, left is −1. */
  #sideOf(point: PointNorm): -1 | 0 | 1 {
    const [a, b] = this.#config.line;
    const distance = this.#lengthNorm === 0 ? 0 : sideOfLine(a, b, point) / this.#lengthNorm;
    if (Math.abs(distance) <= this.#config.margin) {
      return 0;
    }
    return distance > 0 ? 1 : -1;
  }

  #wanted(side: -1 | 1): boolean {
    switch (this.#config.direction) {
      case "both":
        return true;
      case "left-to-right":
        return side === 1;
      case "right-to-left":
        return side === -1;
    }
  }
}
