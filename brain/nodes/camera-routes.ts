/** Cameras as the control room sees them, and the changes of their plans. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  type AnalysisSwitch,
  analysisSwitchedSchema,
  analysisSwitchSchema,
  type CameraDetail,
  cameraDetailSchema,
  cameraItemsSchema,
  formatTime,
  type PlanEdit,
  PermanentError,
  planEditSchema,
  problemSchema,
  type RulePause,
  rulePauseSchema,
  type WantedPlan,
} from "../../protocol/index.ts";
import {
  CAMERA_URL,
  type CameraDeps,
  cameraParamsSchema,
  findCamera,
  groundsOf,
  requireCamera,
} from "./camera-deps.ts";
import { checkPlan } from "./check-plan.ts";
import { type KnownCamera, readCameras } from "./known-cameras.ts";
import { changePlans, type PlanAuthor, type PlanIntent, readHistory } from "./plan-book.ts";

/** 64 rules with zones of 64 corners. */
const PLAN_BYTES = 524_288;
const tags = ["console"];

export function cameraRoutes(deps: CameraDeps): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/cameras",
      schema: {
        summary: "Cameras with their health and the plans they run by",
        description: "A jurisdiction sees the cameras of its grids.",
        tags,
        response: { 200: cameraItemsSchema, default: problemSchema },
      },
      config: { permission: "camera.view" },
      handler: async (request) => {
        const now = deps.clock.now();
        const cameras = await readCameras(deps, request.viewer, now);
        return { asOf: formatTime(now), items: cameras.map(({ item }) => item) };
      },
    });
    app.route({
      method: "GET",
      url: CAMERA_URL,
      schema: {
        summary: "One camera: its rules, its plan and who changed it",
        tags,
        params: cameraParamsSchema,
        response: { 200: cameraDetailSchema, default: problemSchema },
      },
      config: { permission: "camera.view" },
      handler: async (request) => toDetail(deps, await requireCamera(deps, request)),
    });
    planRoutes(deps)(app);
    switchRoutes(deps)(app);
  };
}

function planRoutes(deps: CameraDeps): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "PUT",
      url: `${CAMERA_URL}/plan`,
      bodyLimit: PLAN_BYTES,
      schema: {
        summary: "Change a camera's rules, and which of them rest",
        description:
          "The whole plan. What is wanted already leaves no trace, so that a repetition is " +
          "harmless. 409 VERSION_STALE says who was first; 422 PLAN_INVALID says where.",
        tags,
        params: cameraParamsSchema,
        body: planEditSchema,
        response: { 200: cameraDetailSchema, default: problemSchema },
      },
      config: { permission: "camera.manage" },
      handler: async (request) => {
        const edit = request.body as PlanEdit;
        const { baseVersion } = edit;
        const camera = await requireCamera(deps, request);
        const content = checkPlan(edit, groundsOf(camera));
        const intent = { ...intentOf(camera, () => content), baseVersion };
        await changePlans(deps, [intent], authorOf(request, edit.reason));
        return readDetail(deps, request, camera);
      },
    });
    app.route({
      method: "POST",
      url: `${CAMERA_URL}/pause`,
      schema: {
        summary: "Let a rule rest, or work again",
        tags,
        params: cameraParamsSchema,
        body: rulePauseSchema,
        response: { 200: cameraDetailSchema, default: problemSchema },
      },
      config: { permission: "camera.manage" },
      handler: async (request) => {
        const { rule, paused, reason } = request.body as RulePause;
        const camera = await requireCamera(deps, request);
        const change = (now: WantedPlan): Content => {
          requireRule(camera, now, rule);
          const others = now.paused.filter((id) => id !== rule);
          return { ...now, paused: paused ? [...others, rule] : others };
        };
        await changePlans(deps, [intentOf(camera, change)], authorOf(request, reason));
        return readDetail(deps, request, camera);
      },
    });
  };
}

function switchRoutes(deps: CameraDeps): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "POST",
      url: `${CAMERA_URL}/analysis`,
      schema: {
        summary: "The kill switch of one camera",
        description: "Its stream stays connected; nothing of it is analysed.",
        tags,
        params: cameraParamsSchema,
        body: analysisSwitchSchema,
        response: { 200: cameraDetailSchema, default: problemSchema },
      },
      config: { permission: "camera.manage" },
      handler: async (request) => {
        const { analysed, reason } = request.body as AnalysisSwitch;
        const camera = await requireCamera(deps, request);
        const intent = intentOf(camera, (now) => ({ ...now, analysed }));
        await changePlans(deps, [intent], authorOf(request, reason));
        return readDetail(deps, request, camera);
      },
    });
    app.route({
      method: "POST",
      url: "/v1/analysis",
      schema: {
        summary: "The kill switch of every camera that the caller sees",
        description: "Cameras that are connected for the first time later are not stopped by it.",
        tags,
        body: analysisSwitchSchema,
        response: { 200: analysisSwitchedSchema, default: problemSchema },
      },
      config: { permission: "camera.manage" },
      handler: async (request) => {
        const { analysed, reason } = request.body as AnalysisSwitch;
        const cameras = await readCameras(deps, request.viewer, deps.clock.now());
        const intents = cameras.map((camera) => intentOf(camera, (now) => ({ ...now, analysed })));
        const changed = await changePlans(deps, intents, authorOf(request, reason));
        return { changed, cameras: cameras.length };
      },
    });
  };
}

type Content = Omit<WantedPlan, "version">;

function intentOf({ item, scene }: KnownCamera, change: PlanIntent["change"]): PlanIntent {
  const { nodeId, cameraId } = item;
  return { camera: { nodeId, cameraId }, change, fileRules: scene?.fileRules };
}

function authorOf({ viewer, ip }: FastifyRequest, reason: string): PlanAuthor {
  return { viewer, reason, address: ip };
}

/** A rule that nobody knows cannot rest; while the node has not told its rules, any may. */
function requireRule({ scene }: KnownCamera, { rules }: WantedPlan, rule: string): void {
  const known = rules ?? scene?.fileRules;
  if (known !== undefined && !known.some(({ id }) => id === rule)) {
    throw new PermanentError("PLAN_INVALID", "The camera has no such rule", {
      where: "rule",
      expected: `one of: ${known.map(({ id }) => id).join(", ")}`,
      got: rule,
    });
  }
}

async function readDetail(
  deps: CameraDeps,
  { viewer }: FastifyRequest,
  { item: { nodeId, cameraId } }: KnownCamera,
): Promise<CameraDetail> {
  return toDetail(deps, await findCamera(deps, viewer, { nodeId, cameraId }));
}

async function toDetail(deps: CameraDeps, camera: KnownCamera): Promise<CameraDetail> {
  const { item, plan, scene } = camera;
  return {
    asOf: formatTime(deps.clock.now()),
    camera: item,
    ...{ plan, scene },
    history: await readHistory(deps.db, { nodeId: item.nodeId, cameraId: item.cameraId }),
    site: siteOf(deps, camera),
  };
}

function siteOf(
  { town }: CameraDeps,
  { item, listed, registered }: KnownCamera,
): CameraDetail["site"] {
  if (listed === undefined && registered === undefined) {
    return null;
  }
  const { gridCode } = item;
  const area = gridCode === null ? undefined : town().findArea(gridCode);
  return {
    siteType: registered?.siteType ?? listed?.site_type ?? "",
    managingUnit: registered?.managingUnit ?? listed?.managing_unit ?? "",
    gridCode,
    gridName: area === undefined ? null : { zh: area.zh, en: area.en },
    retentionDays: registered?.retentionDays ?? listed?.retention_days ?? null,
    signPosted: registered?.signPosted ?? listed?.sign_posted ?? false,
    eventTypes: registered === undefined ? null : [...registered.eventTypes],
  };
}
