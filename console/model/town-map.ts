/** Grids and cameras as the brain tells them, in the shapes of GeoJSON (WGS 84). */
import type { AreaGeometry } from "../../protocol/index.ts";

export interface OpenCount {
  readonly open: number;
  /** Of level S0. */
  readonly urgent: number;
}

export interface GridFeature {
  readonly type: "Feature";
  readonly properties: OpenCount & {
    readonly code: string;
    readonly zh: string;
    readonly en: string;
  };
  readonly geometry: AreaGeometry;
}

export interface CameraFeature {
  readonly type: "Feature";
  readonly properties: OpenCount & {
    /** `node/camera`. */
    readonly camera: string;
    readonly name: string;
    readonly active: boolean;
  };
  readonly geometry: { readonly type: "Point"; readonly coordinates: readonly [number, number] };
}

export interface TownMap {
  /** 0 while no town has been imported. */
  readonly version: number;
  readonly grids: {
    readonly type: "FeatureCollection";
    readonly features: readonly GridFeature[];
  };
  readonly cameras: {
    readonly type: "FeatureCollection";
    readonly features: readonly CameraFeature[];
  };
}

export type MapTone = "quiet" | "some" | "many" | "urgent";

/** How a place stands out: by what is open there, and whether life is at stake. */
export function mapTone({ open, urgent }: OpenCount): MapTone {
  if (urgent > 0) {
    return "urgent";
  }
  if (open === 0) {
    return "quiet";
  }
  return open < 5 ? "some" : "many";
}
