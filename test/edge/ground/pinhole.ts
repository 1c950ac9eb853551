import type { PointNorm } from "../../../protocol/index.ts";
import type { PointM } from "../../../edge/ground/index.ts";

/** A camera on a mast at the origin, without lens distortion. */
export interface Pinhole {
  readonly heightM: number;
  /** Below the horizontal. */
  readonly pitchDeg: number;
  /** Clockwise from north. */
  readonly headingDeg: number;
  /** Focal length ÷ picture width. */
  readonly focal: number;
  /** Width ÷ height. */
  readonly aspect: number;
}

/** Where the camera shows a point of the ground; `undefined` behind it. */
export function seenAt(camera: Pinhole, [eastM, northM]: PointM): PointNorm | undefined {
  const heading = radians(camera.headingDeg);
  const pitch = radians(camera.pitchDeg);
  const right = eastM * Math.cos(heading) - northM * Math.sin(heading);
  const ahead = eastM * Math.sin(heading) + northM * Math.cos(heading);
  const depth = ahead * Math.cos(pitch) + camera.heightM * Math.sin(pitch);
  const down = camera.heightM * Math.cos(pitch) - ahead * Math.sin(pitch);
  if (depth <= 0) {
    return undefined;
  }
  const { focal, aspect } = camera;
  return [0.5 + (focal * right) / depth, 0.5 + (focal * aspect * down) / depth];
}

/** Height of the horizon in the picture, from the top. */
export function horizonOf({ pitchDeg, focal, aspect }: Pinhole): number {
  return 0.5 - focal * aspect * Math.tan(radians(pitchDeg));
}

/** The ground at `ahead` metres before the camera and `right` of its axis. */
export function groundAt({ headingDeg }: Pinhole, ahead: number, right: number): PointM {
  const heading = radians(headingDeg);
  return [
    ahead * Math.sin(heading) + right * Math.cos(heading),
    ahead * Math.cos(heading) - right * Math.sin(heading),
  ];
}

function radians(deg: number): number {
  return (deg * Math.PI) / 180;
}
