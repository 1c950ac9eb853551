/** The tree of areas: codes, parents, borders. */
import { AREA_DIGITS, type Area } from "../../../protocol/index.ts";
import { edgesOf, innerPoint, isInside } from "./geometry.ts";
import type { Located } from "./located.ts";
import type { TownProblems } from "./problems.ts";
import { checkRings, refuseOverlaps } from "./rings.ts";

/** Code of the area above; undefined for a street or town. */
export function parentCodeOf(code: string): string | undefined {
  return code.length > AREA_DIGITS.street ? code.slice(0, -3) : undefined;
}

export function checkAreas(areas: readonly Located<Area>[], problems: TownProblems): void {
  const byCode = new Map(areas.map((area) => [area.value.code, area]));
  for (const area of areas) {
    checkCode(area, problems);
    checkParent(area, byCode, problems);
  }
  const grids = areas.filter(({ value, where }) => {
    if (value.geometry === null) {
      if (value.level === "grid") {
        problems.error({
          where,
          message: "the grid has no border",
          expected: "a Polygon or MultiPolygon",
          got: "no geometry",
        });
      }
      return false;
    }
    return checkRings(value.geometry, where, problems.error) && value.level === "grid";
  });
  refuseOverlaps(grids, problems.error);
  checkContainment(grids, byCode, problems);
}

function checkCode({ value, where }: Located<Area>, { error }: TownProblems): void {
  const digits = AREA_DIGITS[value.level];
  if (value.code.length !== digits) {
    error({
      where,
      message: `the code does not fit a ${value.level}`,
      expected: `${digits} digits`,
      got: `${value.code.length} digits: ${value.code}`,
    });
    return;
  }
  const street = Number(value.code.slice(6, 9));
  if (street < 1 || street > 399) {
    error({
      where,
      message: "the code's street number does not exist",
      expected: "001–099 street, 100–199 town, 200–399 township (digits 7–9)",
      got: value.code.slice(6, 9),
    });
  }
}

function checkParent(
  { value, where }: Located<Area>,
  byCode: ReadonlyMap<string, Located<Area>>,
  { error }: TownProblems,
): void {
  const parent = parentCodeOf(value.code);
  if (parent !== undefined && !byCode.has(parent)) {
    error({
      where,
      message: `the ${value.level} has nothing above it`,
      expected: `a ${value.level === "grid" ? "community" : "street"} with the code ${parent}`,
      got: "none",
    });
  }
}

/** Where an upper area has a border of its own, its grids must lie in it. */
function checkContainment(
  grids: readonly Located<Area>[],
  byCode: ReadonlyMap<string, Located<Area>>,
  { error }: TownProblems,
): void {
  const edges = new Map<string, Float64Array>();
  for (const { value, where } of grids) {
    if (value.geometry === null) {
      continue;
    }
    const place = innerPoint(value.geometry);
    for (let code = parentCodeOf(value.code); code !== undefined; code = parentCodeOf(code)) {
      const geometry = byCode.get(code)?.value.geometry;
      if (geometry === undefined || geometry === null) {
        continue;
      }
      const border = edges.get(code) ?? edgesOf(geometry);
      edges.set(code, border);
      if (!isInside(border, ...place)) {
        error({
          where,
          message: `the grid lies outside of the area ${code} that its code names`,
          expected: `a place within ${byCode.get(code)?.where ?? code}`,
          got: `[${place.join(", ")}]`,
        });
      }
    }
  }
}
