/** Answer of `GET /v1/town/map`: grids and cameras in the shapes of GeoJSON (WGS 84). */
import { z } from "zod";

const openSchema = z
  .object({
    open: z.number().int().nonnegative(),
    /** Of life-safety level S0. */
    urgent: z.number().int().nonnegative(),
  })
  .strict();
export type OpenCount = z.infer<typeof openSchema>;

const positionSchema = z.tuple([z.number(), z.number()]);
const ringsSchema = z.array(z.array(positionSchema));
/** The directory's own schema reads files and changes what it reads; an answer only has a shape. */
const geometrySchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("Polygon"), coordinates: ringsSchema }),
  z.object({ type: z.literal("MultiPolygon"), coordinates: z.array(ringsSchema) }),
]);

const gridFeatureSchema = z
  .object({
    type: z.literal("Feature"),
    properties: openSchema.extend({ code: z.string(), zh: z.string(), en: z.string() }),
    geometry: geometrySchema,
  })
  .strict();
export type GridFeature = z.infer<typeof gridFeatureSchema>;

const cameraFeatureSchema = z
  .object({
    type: z.literal("Feature"),
    properties: openSchema.extend({
      /** `node/camera`. */
      camera: z.string(),
      name: z.string(),
      active: z.boolean(),
    }),
    geometry: z.object({ type: z.literal("Point"), coordinates: positionSchema }).strict(),
  })
  .strict();
export type CameraFeature = z.infer<typeof cameraFeatureSchema>;

export const townMapSchema = z
  .object({
    /** Of the directory; 0 while no town has been imported. */
    version: z.number().int(),
    /** A background of tiles, where one is configured. */
    tiles: z
      .object({ url: z.string(), attribution: z.string(), maxZoom: z.number().int() })
      .strict()
      .optional(),
    grids: z
      .object({
        type: z.literal("FeatureCollection"),
        features: z.array(gridFeatureSchema),
      })
      .strict(),
    cameras: z
      .object({
        type: z.literal("FeatureCollection"),
        features: z.array(cameraFeatureSchema),
      })
      .strict(),
  })
  .strict();
export type TownMap = z.infer<typeof townMapSchema>;
