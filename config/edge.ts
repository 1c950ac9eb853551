/**
 * Configuration of an edge node. Every option has its unit in its name and its default here;
 * `config/edge.example.yaml` is the commented reference, and a test keeps the two together.
 */
import path from "node:path";
import { z } from "zod";
import {
  cameraIdSchema,
  locationSchema,
  nodeIdSchema,
  polygonNormSchema,
} from "../protocol/index.ts";
import { loadYaml } from "./load.ts";
import { calibrationSchema, ruleSchema, type RuleConfig } from "./rules.ts";

const numberOrAuto = (max: number) =>
  z.union([z.literal("auto"), z.number().int().min(1).max(max)]).default("auto");

/** How often the model looks at a camera's frames; few are worth a look. */
export const analysisSchema = z
  .object({
    /** Looks per second that a camera gets at least while something moves. */
    minFps: z.number().positive().max(60).default(2),
    /** Looks per second aimed at while something moves. */
    targetFps: z.number().positive().max(60).default(5),
    /** Whether frames in which nothing moves are passed over; without, every frame is looked at. */
    gate: z.boolean().default(true),
    /** Even where nothing moves the whole picture is looked at this often. */
    fullLookS: z.number().min(1).max(3600).default(10),
  })
  .strict()
  .refine(({ minFps, targetFps }) => minFps <= targetFps, "expected minFps at most targetFps")
  .prefault({});

export const decodeSchema = z
  .object({
    /** `keyframes` decodes only these: cheap, but a picture comes every few seconds. */
    mode: z.enum(["full", "keyframes"]).default("full"),
    /** FFmpeg's name of a hardware decoder, `auto` or `none`; where it fails, software decodes. */
    hwaccel: z
      .string()
      .regex(/^[a-z0-9_]{1,32}$/, "expected none, auto or one of ffmpeg -hwaccels")
      .default("none"),
    /** Which device decodes, as FFmpeg names it, such as `/dev/dri/renderD128` or `0`. */
    device: z
      .string()
      .regex(/^[\w/:.,=-]{1,200}$/, "expected a device as FFmpeg names it")
      .optional(),
  })
  .strict()
  .prefault({});

export const cameraSchema = z
  .object({
    id: cameraIdSchema,
    name: z.string().min(1).max(80),
    kind: z.enum(["fixed", "ptz", "high-point"]).default("fixed"),
    /** `rtsp://…`, or the path of a video file, which is looped at its own speed. */
    source: z.string().min(1),
    /** How RTP travels; ignored for files. */
    transport: z.enum(["tcp", "udp"]).default("tcp"),
    /** Frames per second that are decoded and watched for motion, at most. */
    maxFps: z.number().positive().max(60).default(10),
    analysis: analysisSchema,
    decode: decodeSchema,
    /** Wider pictures are scaled down to this many pixels before they are analysed. */
    maxWidth: z.number().int().min(64).max(3840).default(768),
    location: locationSchema,
    /** Why this camera may be analysed, from its registration; no camera runs without. */
    purpose: z.string().min(1).max(80),
    legalBasis: z.string().max(200).optional(),
    /** Privacy masks (picture fractions): blackened before analysis and in every picture. */
    masks: z.array(polygonNormSchema).max(32).default([]),
    /** Where the picture's ground lies: gives metres, speeds and positions of objects. */
    calibration: calibrationSchema.optional(),
    rules: z.array(ruleSchema).max(64),
  })
  .strict()
  .superRefine(refuseUnmeasuredDensity);

export const edgeConfigSchema = z
  .object({
    node: z
      .object({
        id: nodeIdSchema,
        /** Outbox, pictures and state live here. */
        dataDir: z.string().min(1),
        /** Whose wall clock the schedules of rules mean. */
        timeZone: z
          .string()
          .refine(isTimeZone, "expected an IANA time zone")
          .default("Asia/Shanghai"),
        /** Port of metrics and health on 127.0.0.1; 0 chooses a free one. */
        metricsPort: z.number().int().min(0).max(65_535).default(0),
      })
      .strict(),
    brain: z
      .object({
        url: z.url({ protocol: /^https?$/ }),
        /** File with this node's secret, `whsec_…`. */
        secretFile: z.string().min(1),
        heartbeatS: z.number().min(0.5).max(300).default(5),
      })
      .strict(),
    model: z
      .object({
        /** Manifest id, or path of a manifest of your own. */
        id: z.string().min(1).default("nanodet"),
        /** Execution provider; the node reports which one it really got. */
        provider: z.enum(["cpu", "webgpu", "cuda", "tensorrt"]).default("cpu"),
        /** Inference workers, each with a session of its own; `auto` measures what is fastest. */
        workers: numberOrAuto(16),
        /** Threads inside one session, or `auto`. */
        threads: numberOrAuto(64),
        /** Detections below this score are not even tracked, 0–1. */
        minScore: z.number().min(0.01).max(1).default(0.1),
      })
      .strict()
      .prefault({}),
    outbox: z
      .object({
        maxEvents: z.number().int().min(100).max(10_000_000).default(200_000),
        maxEvidenceMb: z.number().min(10).max(1_000_000).default(2_000),
      })
      .strict()
      .prefault({}),
    cameras: z.array(cameraSchema).min(1).max(256),
  })
  .strict()
  .superRefine((config, context) => {
    refuseDoubles(
      config.cameras.map((camera) => camera.id),
      ["cameras"],
      context,
    );
    config.cameras.forEach((camera, index) => {
      refuseDoubles(
        camera.rules.map((rule) => rule.id),
        ["cameras", index, "rules"],
        context,
      );
    });
  });

export type EdgeConfig = z.infer<typeof edgeConfigSchema>;
export type CameraConfig = z.infer<typeof cameraSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A density is told per square metre, so somebody has to say how large a metre is. */
function refuseUnmeasuredDensity(
  camera: { readonly calibration?: unknown; readonly rules: readonly RuleConfig[] },
  context: z.core.$RefinementCtx,
): void {
  camera.rules.forEach((rule, index) => {
    if (
      rule.kind === "crowd" &&
      rule.densityPerM2 !== undefined &&
      camera.calibration === undefined
    ) {
      context.addIssue({
        code: "custom",
        path: ["rules", index, "densityPerM2"],
        message: "expected a calibration of the camera, which densityPerM2 needs",
      });
    }
  });
}

function refuseDoubles(
  ids: readonly string[],
  at: readonly (string | number)[],
  context: z.core.$RefinementCtx,
): void {
  ids.forEach((id, index) => {
    if (ids.indexOf(id) !== index) {
      context.addIssue({
        code: "custom",
        path: [...at, index, "id"],
        message: `expected ids to be unique, got ${id} twice`,
      });
    }
  });
}

/** Loads and checks an edge configuration; relative paths in it start at its own folder. */
export function loadEdgeConfig(file: string): EdgeConfig {
  const config = loadYaml(file, edgeConfigSchema);
  const base = path.dirname(path.resolve(file));
  const resolve = (name: string): string => path.resolve(base, name);
  return {
    ...config,
    node: { ...config.node, dataDir: resolve(config.node.dataDir) },
    brain: { ...config.brain, secretFile: resolve(config.brain.secretFile) },
    cameras: config.cameras.map((camera) => ({
      ...camera,
      source: /^[a-z]+:\/\//i.test(camera.source) ? camera.source : resolve(camera.source),
    })),
  };
}
