import { describe, expect, it } from "vitest";
import { createGridIndex, type GridShape } from "../../../../brain/directory/index.ts";
import type { LonLat } from "../../../../protocol/index.ts";

/** Numbers from −1 to 1, the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  };
}

const STEP = 0.003;

/** A lattice with crooked borders: neighbours share every corner and every bend. */
function crookedTown(columns: number, rows: number, random: () => number): GridShape[] {
  const places = new Map<string, LonLat>();
  const place = (x: number, y: number): LonLat => {
    const key = `${x} ${y}`;
    const known = places.get(key);
    if (known !== undefined) {
      return known;
    }
    const made: LonLat = [116.4 + STEP * (x + 0.2 * random()), 39.9 + STEP * (y + 0.2 * random())];
    places.set(key, made);
    return made;
  };
  return Array.from({ length: columns * rows }, (_, index): GridShape => {
    const [x, y] = [index % columns, Math.floor(index / columns)];
    const ring = [
      ...[place(x, y), place(x + 0.5, y), place(x + 1, y), place(x + 1, y + 0.5)],
      ...[place(x + 1, y + 1), place(x + 0.5, y + 1), place(x, y + 1), place(x, y + 0.5)],
    ];
    // Every second one is drawn the other way round.
    const drawn = index % 2 === 0 ? ring : ring.reverse();
    const code = `110101001001${String(index + 1).padStart(3, "0")}`;
    return {
      code,
      geometry: { type: "Polygon", coordinates: [[...drawn, drawn[0] as LonLat]] },
    };
  });
}

/** Another way to tell: how often the ring winds around the place. */
function windsAround(ring: readonly LonLat[], [x, y]: LonLat): boolean {
  let winding = 0;
  for (let i = 1; i < ring.length; i += 1) {
    const [ax, ay] = ring[i - 1] as LonLat;
    const [bx, by] = ring[i] as LonLat;
    const side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
    if (ay <= y && by > y && side > 0) {
      winding += 1;
    } else if (ay > y && by <= y && side < 0) {
      winding -= 1;
    }
  }
  return winding !== 0;
}

function bruteForce(grids: readonly GridShape[], place: LonLat): string[] {
  return grids
    .filter(({ geometry }) => windsAround(geometry.coordinates[0] as LonLat[], place))
    .map(({ code }) => code);
}

function nearestByHand(grids: readonly GridShape[], [lon, lat]: LonLat): number {
  const lonM = 111_195 * Math.cos((lat * Math.PI) / 180);
  let best = Infinity;
  for (const ring of grids.flatMap(({ geometry }) => geometry.coordinates as LonLat[][])) {
    for (let i = 1; i < ring.length; i += 1) {
      for (let share = 0; share <= 1; share += 0.002) {
        const [a, b] = [ring[i - 1] as LonLat, ring[i] as LonLat];
        const x = (a[0] + (b[0] - a[0]) * share - lon) * lonM;
        const y = (a[1] + (b[1] - a[1]) * share - lat) * 111_195;
        best = Math.min(best, Math.hypot(x, y));
      }
    }
  }
  return best;
}

describe("the index of grids", () => {
  it("finds what looking at every polygon finds", () => {
    const random = seeded(1);
    for (const [columns, rows] of [
      [1, 1],
      [4, 3],
      [13, 9],
    ] as const) {
      const grids = crookedTown(columns, rows, random);
      const index = createGridIndex(grids);
      for (let i = 0; i < 1_500; i += 1) {
        const place: LonLat = [
          116.4 + STEP * columns * (0.5 + 0.55 * random()),
          39.9 + STEP * rows * (0.5 + 0.55 * random()),
        ];
        const found = index.find(...place, 0)?.code;
        expect(found === undefined ? [] : [found]).toEqual(bruteForce(grids, place));
      }
    }
  });

  it("gives every place of a town without gaps to one grid, also on borders and corners", () => {
    const random = seeded(2);
    const grids = crookedTown(5, 4, random);
    const inner = grids.filter((_, i) => i % 5 > 0 && i % 5 < 4 && i > 4 && i < 15);
    const index = createGridIndex(grids);
    for (const { geometry } of inner) {
      const ring = (geometry.coordinates as LonLat[][])[0] as LonLat[];
      for (let i = 1; i < ring.length; i += 1) {
        const [a, b] = [ring[i - 1] as LonLat, ring[i] as LonLat];
        for (const share of [0, 0.25, 0.5, 0.9]) {
          const place: LonLat = [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
          const holders = grids.filter(
            (grid) => createGridIndex([grid]).find(...place, 0)?.distanceM === 0,
          );
          expect(holders.length).toBeGreaterThan(0);
          expect(index.find(...place, 0)?.distanceM).toBe(0);
        }
      }
    }
  });

  it("leaves holes to whoever lies in them, and keeps the parts of one grid together", () => {
    const square = (west: number, south: number, side: number): LonLat[] => [
      [west, south],
      [west + side, south],
      [west + side, south + side],
      [west, south + side],
      [west, south],
    ];
    const index = createGridIndex([
      {
        code: "1",
        geometry: {
          type: "MultiPolygon",
          coordinates: [[square(0, 0, 3), square(1, 1, 1)], [square(5, 0, 1)]],
        },
      },
      { code: "2", geometry: { type: "Polygon", coordinates: [square(1.25, 1.25, 0.5)] } },
    ]);
    expect(index.find(0.5, 0.5, 0)).toEqual({ code: "1", distanceM: 0 });
    expect(index.find(5.5, 0.5, 0)).toEqual({ code: "1", distanceM: 0 });
    expect(index.find(1.5, 1.5, 0)).toEqual({ code: "2", distanceM: 0 });
    expect(index.find(1.1, 1.1, 0)).toBeUndefined();
    expect(index.find(4, 0.5, 0)).toBeUndefined();
  });

  it("takes the nearest grid within the limit, and none beyond it", () => {
    const random = seeded(3);
    const grids = crookedTown(3, 3, random);
    const index = createGridIndex(grids);
    let outside = 0;
    for (let i = 0; i < 200; i += 1) {
      const place: LonLat = [
        116.4 + STEP * (1.5 + 2.2 * random()),
        39.9 + STEP * (1.5 + 2.2 * random()),
      ];
      const hit = index.find(...place, 120);
      if (bruteForce(grids, place).length > 0) {
        expect(hit?.distanceM).toBe(0);
        continue;
      }
      outside += 1;
      const distance = nearestByHand(grids, place);
      if (Math.abs(distance - 120) > 1) {
        expect(hit !== undefined).toBe(distance < 120);
        expect(hit?.distanceM ?? distance).toBeCloseTo(distance, 0);
      }
    }
    expect(outside).toBeGreaterThan(50);
  });

  it("has an answer for odd places and empty towns", () => {
    const index = createGridIndex(crookedTown(2, 2, seeded(4)));
    for (const [lon, lat] of [
      [Number.NaN, 39.9],
      [181, 90],
      [-180, -90],
      [Infinity, 0],
    ] as const) {
      expect(index.find(lon, lat, 100)).toBeUndefined();
    }
    expect(createGridIndex([]).find(116.4, 39.9, 100)).toBeUndefined();
  });
});
