/** The brain's door: the HTTP server and all its routes. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import type { FastifyInstance } from "fastify";
import { uuidv7 } from "uuidv7";
import type { BrainConfig } from "../config/index.ts";
import packageJson from "../package.json" with { type: "json" };
import { PermanentError } from "../protocol/index.ts";
import { type AccountDoor, openAccountDoor } from "./account-door.ts";
import {
  addRoutes,
  addSignedRoutes,
  answerUnknown,
  auditRoutes,
  capRoutes,
  caseRoutes,
  createEvidenceReader,
  createServer,
  figuresRoutes,
  healthRoutes,
  quarantineRoutes,
  queueRoutes,
  readPurpose,
  requirePurpose,
  serveConsole,
  streamRoutes,
  townRoutes,
} from "./api/index.ts";
import { acknowledgementRoutes, deliveryRoutes, subscriptionRoutes } from "./dispatch/index.ts";
import { CORRELATE_JOB, type Flow } from "./flow.ts";
import { acceptReport, eventRoutes, evidenceRoutes, heartbeatRoutes } from "./intake/index.ts";
import { createAdministration } from "./directory/index.ts";
import { createNodes, type Nodes } from "./nodes/index.ts";
import { type Parts, subscriptionOwner } from "./parts.ts";
import { createReports } from "./reports/index.ts";

/** Between two hints to other brains that events wait; the reconciler looks every five seconds. */
const HINT_EVERY_MS = 1_000;
const CONSOLE_DIR = path.resolve(import.meta.dirname, "../dist/console");

/** The HTTP server with every route; it does not listen yet. */
export async function createDoor(parts: Parts, flow: Flow): Promise<FastifyInstance> {
  const { worker, casework, wake } = flow;
  const { config, database, clock, book, depth, files, metrics } = parts;
  const { db } = database;
  const baseUrl = (): string =>
    config.server.publicUrl?.replace(/\/+$/, "") ?? addressOf(app, config);
  const accounts = await openAccountDoor({ ...parts, baseUrl });
  const app = await openServer(parts, accounts.guard);
  const identifyReader = createEvidenceReader({ db, clock, checkEndpoint: book.checkEndpoint });
  const onAccepted = inboxHint(parts, worker.wake);
  const { maxBytes } = config.evidence;
  const count = metrics.countResults;
  const nodes = openNodes(parts);
  const announceOrdered = nodes.announceSnapshot;
  await addSignedRoutes(app, [
    eventRoutes({
      ...{ db, clock, directory: book, depth, limits: config.intake, onAccepted, count },
      judge: (...event) => parts.town.current().judge(...event),
    }),
    evidenceRoutes({
      ...{ db, clock, directory: book, files, maxBytes, identifyReader, announceOrdered },
    }),
    heartbeatRoutes({ db, clock, directory: book }),
    acknowledgementRoutes({
      ...{ db, clock, casework: parts.caseworkDeps },
      checkEndpoint: book.checkEndpoint,
    }),
    ...casework.signedRoutes,
    ...nodes.signedRoutes,
  ]);
  const reports = createReports({
    ...{ db, clock, newId: uuidv7, town: parts.town.current, secretKey: parts.secretKey },
    ...{ accept: acceptReport, seal: parts.box.seal, open: parts.box.open },
    onAccepted: () => {
      depth.add(1);
      onAccepted();
    },
    writePhoto: files.write,
    identify: accounts.guard.door.identify,
    maxAgeH: config.intake.maxAgeH,
    command: casework.commandAsReporter,
  });
  await addRoutes(app, [
    ...reports.routes,
    ...casework.routes,
    ...accounts.routes,
    ...nodes.routes,
    ...administrationOf(parts, flow),
    ...roomRoutes(parts, wake),
  ]);
  answerUnknown(app, await serveConsole(app, CONSOLE_DIR));
  return app;
}

function openNodes(parts: Parts): Nodes {
  const { database, clock, book, town, wakeups, closing, metrics, files } = parts;
  const { db } = database;
  return createNodes({
    ...{ db, clock, newId: uuidv7, wakeups, closing, metrics, pictures: files },
    ...{ checkNode: book.checkNode, town: town.current },
    requirePurpose: (request, { byDefault, ...look }) =>
      requirePurpose({ db, clock }, request, {
        ...look,
        purpose: readPurpose(request) ?? byDefault,
        hasCase: false,
      }),
  });
}

function openServer({ config, log }: Parts, guard: AccountDoor["guard"]): Promise<FastifyInstance> {
  const { trustedProxies } = config.server;
  const { tiles } = config.console;
  const pictureOrigins = tiles === undefined ? [] : [new URL(tiles.url).origin];
  const { version } = packageJson;
  return createServer({ log, version, trustedProxies, pictureOrigins, ...guard });
}

function administrationOf(
  { database, clock, book, box, town }: Parts,
  { post, complaintAbout, wake }: Flow,
): ReturnType<typeof createAdministration> {
  return createAdministration({
    ...{ db: database.db, clock, newId: uuidv7, box, post, complaintAbout, wake },
    newSecret: () => `whsec_${randomBytes(32).toString("base64")}`,
    ...{ town: town.current, reloadTown: town.reload, reloadBook: book.reload },
    endpointOf: book.endpointOf,
  });
}

/** What the control room and subscribers ask for. */
function roomRoutes(parts: Parts, wake: Flow["wake"]): Parameters<typeof addRoutes>[1] {
  const { database, clock, log, metrics } = parts;
  const { db } = database;
  const { version } = packageJson;
  return [
    caseRoutes({ db, clock }),
    quarantineRoutes({ db }),
    healthRoutes({ db, clock, version, registry: metrics.registry }),
    auditRoutes({ db }),
    capRoutes({ db, clock }),
    figuresRoutes({
      ...{ db, clock },
      timeZone: () => parts.town.current().record.settings.timeZone,
    }),
    queueRoutes({ db, clock, dueFilings: (at) => parts.town.current().dueFilings(at) }),
    townRoutes({ db, town: parts.town.current, tiles: parts.config.console.tiles }),
    deliveryRoutes({ db, clock, wake }),
    subscriptionRoutes({
      ...{ db, clock, newId: uuidv7 },
      seal: (secret, name) => parts.box.seal(secret, subscriptionOwner(name)),
    }),
    streamRoutes({
      db,
      clock,
      log,
      version,
      hub: parts.hub,
      closing: parts.closing,
      onClients: metrics.streamClients,
      onLagging: metrics.countClosedClient,
    }),
  ];
}

/** @throws PermanentError PORT_IN_USE. @returns where it listens. */
export async function listen(app: FastifyInstance, config: BrainConfig): Promise<string> {
  const { host, port } = config.server;
  try {
    await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
      throw new PermanentError(
        "PORT_IN_USE",
        "The brain's port is taken by another program",
        { where: `${host}:${port}`, expected: "a free port: set server.port or PORT" },
        error,
      );
    }
    throw error;
  }
  return addressOf(app, config);
}

function addressOf(app: FastifyInstance, { server }: BrainConfig): string {
  const { host, port } = server;
  const address = app.server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const shown = isEverywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${shown}:${bound}`;
}

/** Wakes the correlation here at once, and leaves a hint for others: each costs what a commit does. */
function inboxHint({ clock, log, jobs }: Parts, wake: () => void): () => void {
  let hintedAt = Number.NEGATIVE_INFINITY;
  return () => {
    wake();
    if (clock.now() - hintedAt < HINT_EVERY_MS) {
      return;
    }
    hintedAt = clock.now();
    jobs.add(CORRELATE_JOB, { id: "inbox", data: {} }).catch((error: unknown) => {
      log.debug({ reason: (error as Error).message }, "no job for the inbox");
    });
  };
}
