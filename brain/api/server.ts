/** The HTTP server with everything that all routes share. */
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyContextConfig,
  type FastifyInstance,
  LogController,
  type RouteOptions,
} from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from "fastify-type-provider-zod";
import { DEPARTMENT_MESSAGES } from "./department-messages.ts";
import { guardAccess, type GuardInput } from "./access-guard.ts";
import { answerProblems, notFound, sendProblem } from "./problem-answers.ts";
import { finishHandlers } from "./running-handlers.ts";

export interface ServerInput extends GuardInput {
  readonly log: FastifyBaseLogger;
  readonly version: string;
  /** Believed when they say whose request it is. */
  readonly trustedProxies: readonly string[];
  /** Origins beside the brain's own from which the page may show pictures. */
  readonly pictureOrigins: readonly string[];
}

declare module "fastify" {
  interface FastifyInstance {
    readonly routeTable: readonly RouteEntry[];
  }
}

/** One route, and what it asks for. */
export interface RouteEntry extends Pick<FastifyContextConfig, "access" | "permission"> {
  readonly method: string;
  readonly url: string;
}

function toEntries({ method, url, config }: RouteOptions): RouteEntry[] {
  const { access, permission } = config ?? {};
  return [method].flat().map((one) => ({
    ...{ method: one, url },
    ...(access === undefined ? {} : { access }),
    ...(permission === undefined ? {} : { permission }),
  }));
}

/** Bodies of everything but intake are small; each route may name a limit of its own. */
const DEFAULT_BODY_BYTES = 65_536;
const REQUEST_TIMEOUT_MS = 30_000;

/** Routes are added by the caller with `addRoutes` and `addSignedRoutes`, then it listens. */
export async function createServer(input: ServerInput): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: input.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: DEFAULT_BODY_BYTES,
    trustProxy: input.trustedProxies.length === 0 ? false : [...input.trustedProxies],
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 128 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerProblems(app);
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  await app.register(helmet, helmetOf(input.pictureOrigins));
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Smart Brain",
        version: input.version,
        description:
          "Events in, cases and tasks out. Requests of nodes and departments are signed to the " +
          "Standard Webhooks specification. Every error is a problem with a stable code.",
      },
      webhooks: DEPARTMENT_MESSAGES,
    },
    transform: jsonSchemaTransform,
  });
  const routes: RouteOptions[] = [];
  app.addHook("onRoute", (route) => {
    routes.push(route);
  });
  app.decorate("routeTable", { getter: () => routes.flatMap(toEntries) });
  finishHandlers(app);
  guardAccess(app, input);
  await app.register(async (docs) => {
    docs.addHook("onRoute", (route) => {
      route.config = { ...route.config, access: "open" };
    });
    await docs.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
    docs.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
  });
  return app;
}

type Routes = (app: FastifyInstance) => void;

export async function addRoutes(app: FastifyInstance, routes: readonly Routes[]): Promise<void> {
  await app.register((scope, _options, done) => {
    routes.forEach((add) => add(scope));
    done();
  });
}

/**
 * Routes whose bodies are signed: they reach the handler as the bytes that travelled. Their
 * schemas describe the body and do not parse it.
 */
export async function addSignedRoutes(
  app: FastifyInstance,
  routes: readonly Routes[],
): Promise<void> {
  await app.register((scope, _options, registered) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
      done(null, body);
    });
    scope.addHook("preValidation", (request, _reply, done) => {
      if (!Buffer.isBuffer(request.body)) {
        request.body = Buffer.alloc(0);
      }
      done();
    });
    scope.setValidatorCompiler((route) =>
      route.httpPart === "body"
        ? (value: unknown) => ({ value })
        : validatorCompiler(route as Parameters<typeof validatorCompiler>[0]),
    );
    routes.forEach((add) => add(scope));
    registered();
  });
}

/** Unknown addresses answer with a problem; `page` may answer a browser instead. */
export function answerUnknown(
  app: FastifyInstance,
  page: (path: string) => string | undefined,
): void {
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] ?? "/";
    const wantsPage =
      request.method === "GET" &&
      (path === "/" || (request.headers.accept ?? "").includes("text/html"));
    const html = wantsPage ? page(path) : undefined;
    if (html === undefined) {
      sendProblem(reply, notFound(request));
      return;
    }
    void reply.code(200).type("text/html; charset=utf-8").header("cache-control", "no-cache");
    void reply.send(html);
  });
}

/** Fits a page built by Vite: own scripts, no inline ones; styles may be inline. */
const helmetOf = (pictureOrigins: readonly string[]) => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", "data:", "blob:", ...pictureOrigins],
      fontSrc: ["'self'", "data:"],
      connectSrc: ["'self'"],
      mediaSrc: ["'self'", "blob:"],
      workerSrc: ["'self'", "blob:"],
      objectSrc: ["'none'"],
      baseUri: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  // The brain itself speaks HTTP; whoever puts TLS before it adds this header there.
  hsts: false,
  crossOriginEmbedderPolicy: false,
  referrerPolicy: { policy: "no-referrer" as const },
});
