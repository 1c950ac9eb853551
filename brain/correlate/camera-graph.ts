/** Which cameras lie next to each other for somebody on the move, and how long the way takes. */

export interface Travel {
  /** From entering one view to entering the next, ms; 0 where the views overlap. */
  readonly minMs: number;
  /** Longest pause between the two views, ms. */
  readonly maxMs: number;
}

export interface Neighbour extends Travel {
  /** `node/camera`. */
  readonly camera: string;
}

export interface CameraGraph {
  /** Undirected: the way back takes as long. */
  travel(from: string, to: string): Travel | undefined;
  neighboursOf(camera: string): readonly Neighbour[];
}

export const NO_GRAPH: CameraGraph = { travel: () => undefined, neighboursOf: () => [] };

export interface CameraWay extends Travel {
  readonly from: string;
  readonly to: string;
}

export function createCameraGraph(ways: Iterable<CameraWay>): CameraGraph {
  const rows = new Map<string, Map<string, Neighbour>>();
  const add = (from: string, to: string, { minMs, maxMs }: Travel): void => {
    const row = rows.get(from) ?? new Map<string, Neighbour>();
    rows.set(from, row);
    const known = row.get(to);
    row.set(to, {
      camera: to,
      minMs: Math.min(known?.minMs ?? minMs, minMs),
      maxMs: Math.max(known?.maxMs ?? maxMs, maxMs),
    });
  };
  for (const way of ways) {
    add(way.from, way.to, way);
    add(way.to, way.from, way);
  }
  const lists = new Map([...rows].map(([camera, row]) => [camera, [...row.values()]]));
  return {
    travel: (from, to) => rows.get(from)?.get(to),
    neighboursOf: (camera) => lists.get(camera) ?? [],
  };
}
