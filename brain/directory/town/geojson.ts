/** Grids and cameras as GeoJSON (RFC 7946): one feature a line, so that versions compare well. */
import { z } from "zod";
import {
  type Area,
  areaSchema,
  type RegisteredCamera,
  registeredCameraSchema,
} from "../../../protocol/index.ts";
import { excerpt, type Located, parseAt } from "./located.ts";
import type { Report } from "./problems.ts";

export const GRIDS_FILE = "grids.geojson";
export const CAMERAS_FILE = "cameras.geojson";

const collectionSchema = z.object({
  type: z.literal("FeatureCollection"),
  features: z.array(z.unknown()),
  crs: z.object({ properties: z.object({ name: z.string() }) }).optional(),
});
const propertiesSchema = z.record(z.string(), z.unknown());
const areaFeatureSchema = z.object({
  type: z.literal("Feature"),
  properties: propertiesSchema,
  geometry: z.unknown(),
});
const cameraFeatureSchema = z.object({
  type: z.literal("Feature"),
  properties: propertiesSchema,
  geometry: z.object({ type: z.literal("Point"), coordinates: z.array(z.number()) }),
});
/** WGS 84 under its names, and CGCS 2000, which differs by centimetres. */
const KNOWN_CRS = /(?:CRS84|EPSG:{1,2}(?:4326|4490))$/i;

export function readAreas(text: string, report: Report): Located<Area>[] {
  return readFeatures(GRIDS_FILE, text, "code", report).flatMap(({ feature, where }) => {
    const shape = parseAt(areaFeatureSchema, feature, where, report)?.value;
    if (shape === undefined) {
      return [];
    }
    const input = { ...shape.properties, geometry: shape.geometry ?? null };
    return parseAt(areaSchema, input, where, report) ?? [];
  });
}

/** A forbidden site is left to the check that knows the law; see `onCamera`. */
export function readCameras(
  text: string,
  report: Report,
  onCamera: (properties: Readonly<Record<string, unknown>>, where: string) => boolean,
): Located<RegisteredCamera>[] {
  return readFeatures(CAMERAS_FILE, text, "cameraId", report).flatMap(({ feature, where }) => {
    const shape = parseAt(cameraFeatureSchema, feature, where, report)?.value;
    if (shape === undefined || !onCamera(shape.properties, where)) {
      return [];
    }
    const input = { ...shape.properties, position: shape.geometry.coordinates };
    return parseAt(registeredCameraSchema, input, where, report) ?? [];
  });
}

interface FoundFeature {
  readonly feature: unknown;
  readonly where: string;
}

function readFeatures(file: string, text: string, nameKey: string, report: Report): FoundFeature[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    const line = text.slice(0, position).split("\n").length;
    report({
      where: `${file}:${line}`,
      message: "the file is not JSON",
      expected: "a GeoJSON FeatureCollection",
      got: message,
    });
    return [];
  }
  const collection = parseAt(collectionSchema, data, file, report)?.value;
  const crs = collection?.crs?.properties.name;
  if (crs !== undefined && !KNOWN_CRS.test(crs)) {
    report({
      where: file,
      message: "the positions are in another reference system",
      expected: "WGS 84 (CRS84, EPSG:4326) or CGCS 2000 (EPSG:4490)",
      got: crs,
    });
    return [];
  }
  return (collection?.features ?? []).map((feature, index) => {
    const name = nameOf(feature, nameKey);
    const suffix = name === "" ? "" : ` (${name})`;
    return { feature, where: `${file} feature ${index + 1}${suffix}` };
  });
}

function nameOf(feature: unknown, key: string): string {
  const properties = (feature as { properties?: Record<string, unknown> | null } | null)
    ?.properties;
  const name = properties?.[key];
  return typeof name === "string" ? excerpt(name) : "";
}

export function printAreas(areas: readonly Area[]): string {
  return printFeatures(
    areas.map(({ level, code, scheme, zh, en, geometry }) => ({
      type: "Feature",
      properties: { level, code, scheme, zh, en },
      geometry:
        geometry === null ? null : { type: geometry.type, coordinates: geometry.coordinates },
    })),
  );
}

export function printCameras(cameras: readonly RegisteredCamera[]): string {
  return printFeatures(
    cameras.map((camera) => ({
      type: "Feature",
      properties: propertiesOf(camera),
      geometry: { type: "Point", coordinates: camera.position },
    })),
  );
}

/** In one order, whatever order the properties were read in. */
function propertiesOf(camera: RegisteredCamera): object {
  const { view } = camera;
  return {
    nodeId: camera.nodeId,
    cameraId: camera.cameraId,
    name: camera.name,
    kind: camera.kind,
    active: camera.active,
    view:
      view === null
        ? null
        : { bearingDeg: view.bearingDeg, angleDeg: view.angleDeg, rangeM: view.rangeM },
    siteType: camera.siteType,
    tags: camera.tags,
    legalClass: camera.legalClass,
    managingUnit: camera.managingUnit,
    contact: camera.contact,
    purposes: camera.purposes,
    necessity: camera.necessity,
    installApproval: camera.installApproval,
    signPosted: camera.signPosted,
    retentionDays: camera.retentionDays,
    eventTypes: camera.eventTypes,
    legalBases: camera.legalBases.map(({ purpose, basis, recordedOn }) => ({
      purpose,
      basis,
      recordedOn,
    })),
    inUseSince: camera.inUseSince,
    filedOn: camera.filedOn,
  };
}

function printFeatures(features: readonly object[]): string {
  const lines = features.map((feature) => JSON.stringify(feature)).join(",\n");
  return `{"type":"FeatureCollection","features":[\n${lines}\n]}\n`;
}
