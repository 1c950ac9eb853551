/** The same scene seen otherwise: mirrored, or as a part of a larger picture. */
import { ruleSchema, type RuleConfig } from "../../../config/index.ts";
import type { Ground } from "../../../edge/ground/index.ts";
import type { PictureState } from "../../../edge/gate/index.ts";
import type { BoxNorm, PointNorm } from "../../../protocol/index.ts";

export interface ViewChange {
  readonly name: string;
  readonly isMirrored: boolean;
  /** Of the old picture's sides in the new one. */
  readonly scale: number;
  /** Where the old picture's upper left corner comes to lie. */
  readonly left: number;
  readonly top: number;
}

export const UNCHANGED: ViewChange = {
  name: "as it is",
  isMirrored: false,
  scale: 1,
  left: 0,
  top: 0,
};
export const MIRRORED: ViewChange = { ...UNCHANGED, name: "mirrored", isMirrored: true };
export const SHRUNK: ViewChange = {
  ...UNCHANGED,
  name: "shifted and scaled",
  scale: 0.625,
  left: 0.3,
  top: 0.25,
};

export function changePoint([x, y]: PointNorm, view: ViewChange): [number, number] {
  const across = view.isMirrored ? 1 - x : x;
  return [view.left + view.scale * across, view.top + view.scale * y];
}

export function changeBox(box: BoxNorm, view: ViewChange): BoxNorm {
  const [corner, top] = changePoint([box.left, box.top], view);
  const width = box.width * view.scale;
  const left = view.isMirrored ? corner - width : corner;
  return { left, top, width, height: box.height * view.scale };
}

/** A mirrored line runs the other way, so that its left stays what it was. */
export function changeRule(config: RuleConfig, view: ViewChange): RuleConfig {
  const point = (one: PointNorm): [number, number] => changePoint(one, view);
  const changed: Record<string, unknown> = { ...config };
  if ("zone" in config && config.zone !== undefined) {
    changed.zone = config.zone.map(point);
  }
  if ("line" in config) {
    const ends = config.line.map(point);
    changed.line = view.isMirrored ? ends.reverse() : ends;
  }
  if ("allowed" in config) {
    changed.allowed = config.allowed.map(point);
  }
  for (const length of ["minHeight", "margin", "maxSize", "minFall"]) {
    if (typeof changed[length] === "number") {
      changed[length] *= view.scale;
    }
  }
  return ruleSchema.parse(changed);
}

export function changePicture(picture: PictureState, view: ViewChange): PictureState {
  const box = (one: BoxNorm): BoxNorm => changeBox(one, view);
  return {
    ...picture,
    moving: picture.moving.map(box),
    objects: picture.objects.map(box),
    changes: picture.changes.map((one) => ({ ...one, box: box(one.box) })),
  };
}

export function changeGround(ground: Ground, view: ViewChange): Ground {
  const sign = view.isMirrored ? -1 : 1;
  const back = ([x, y]: PointNorm): PointNorm => {
    const across = (x - view.left) / view.scale;
    return [view.isMirrored ? 1 - across : across, (y - view.top) / view.scale];
  };
  return {
    toMetres: (point) => {
      const metres = ground.toMetres(back(point));
      return metres && [sign * metres[0], metres[1]];
    },
    accuracyM: (point) => ground.accuracyM(back(point)),
    toPicture: ([x, y]) => {
      const point = ground.toPicture([sign * x, y]);
      return point && changePoint(point, view);
    },
  };
}
