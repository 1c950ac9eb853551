/** From what a person can say of a place to a point with an honest accuracy. */
import {
  type Area,
  AREA_DIGITS,
  type AreaGeometry,
  gridCodeSchema,
  type Location,
  PermanentError,
  type ReportAreas,
  type ReportPlace,
} from "../../protocol/index.ts";
import type { ReportTown } from "./ports.ts";

const METRES_A_DEGREE = 111_320;

/**
 * The point where there is one, else the named grid, else the grid that the address names.
 *
 * @throws PermanentError EVENT_INVALID when the place can be found in no way.
 */
export function findPlace(place: ReportPlace, town: ReportTown): Location {
  const { lat, lon, accuracyM, grid, address } = place;
  const said = address === undefined ? {} : { address };
  if (lat !== undefined && lon !== undefined) {
    const point: Location = {
      lat,
      lon,
      crs: "WGS84",
      ...(accuracyM === undefined ? {} : { accuracyM }),
      ...said,
    };
    const { gridCode } = town.locate(point);
    return gridCode === null ? point : { ...point, gridCode };
  }
  const area = grid === undefined ? gridOfAddress(address ?? "", town) : town.findArea(grid);
  if (area?.level !== "grid" || area.geometry === null) {
    throw unknownPlace(grid ?? address ?? "nothing");
  }
  return { ...middleOf(area.geometry), ...said, gridCode: gridCodeSchema.parse(area.code) };
}

/** The grid with the longest name in the address, or the only grid of a community named there. */
function gridOfAddress(address: string, { record }: ReportTown): Area | undefined {
  const text = normal(address);
  const named = record.areas
    .filter(({ zh, en }) => [zh, en].some((name) => name !== "" && text.includes(normal(name))))
    .sort((a, b) => b.code.length - a.code.length || b.zh.length - a.zh.length)[0];
  if (named === undefined || named.level === "grid") {
    return named;
  }
  const inside = record.areas.filter(
    ({ level, code }) => level === "grid" && code.startsWith(named.code),
  );
  return inside.length === 1 ? inside[0] : undefined;
}

/** Grids whose name, community or code holds the text, in the order of their codes. */
export function searchGrids(
  { record, findArea }: ReportTown,
  text: string,
  limit: number,
): ReportAreas["areas"] {
  const wanted = normal(text);
  const found: ReportAreas["areas"] = [];
  for (const { level, code, zh, en } of record.areas) {
    if (level !== "grid") {
      continue;
    }
    const community = findArea(code.slice(0, AREA_DIGITS.community));
    const names = [code, zh, en, community?.zh ?? "", community?.en ?? ""];
    if (names.some((name) => normal(name).includes(wanted))) {
      const within = community === undefined ? null : { zh: community.zh, en: community.en };
      found.push({ code, zh, en, community: within });
    }
    if (found.length === limit) {
      break;
    }
  }
  return found;
}

function normal(text: string): string {
  return text.toLowerCase().replace(/\s+/g, "");
}

/** Middle of the bounds; half their diagonal is how far the truth may lie from it. */
function middleOf(geometry: AreaGeometry): Pick<Location, "lat" | "lon" | "crs" | "accuracyM"> {
  const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const [lon, lat] of rings.flat()) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  const lat = (south + north) / 2;
  const lon = (west + east) / 2;
  const widthM = (east - west) * METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180);
  const accuracyM = Math.max(1, Math.hypot(widthM, (north - south) * METRES_A_DEGREE) / 2);
  return { lat, lon, crs: "WGS84", accuracyM: Math.round(accuracyM) };
}

function unknownPlace(got: string): PermanentError {
  return new PermanentError("EVENT_INVALID", "The place of the report cannot be found", {
    where: "place",
    expected: "lat and lon, a grid of GET /v1/report-areas, or an address that names one",
    got: got.slice(0, 100),
  });
}
