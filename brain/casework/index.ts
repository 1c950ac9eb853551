/** Work on cases: commands (T4), timers (T3) and whistles, with their routes. */
import type { FastifyInstance } from "fastify";
import { commandCase } from "./case-commands.ts";
import { caseworkRoutes } from "./case-routes.ts";
import { type DepartmentRouteInput, departmentRoutes } from "./department-routes.ts";
import { createAfterPictures } from "./after-pictures.ts";
import type { PictureInput, PictureStore, Regrouping } from "./deps.ts";
import { holdRoutes } from "./hold-routes.ts";
import { casePictureRoutes, taskPictureRoutes } from "./picture-routes.ts";
import type { CaseCommand } from "../../protocol/index.ts";
import { regroupRoutes } from "./regroup-routes.ts";
import { silenceRoutes } from "./silence-routes.ts";
import { createSiteCodes } from "./site-codes.ts";
import { createTimerWorker, type TimerWorker, type TimerWorkerInput } from "./timer-worker.ts";
import { whistleRoutes } from "./whistle-routes.ts";

export { claimTimers, nextDue, type TimerClaim } from "./claim-timers.ts";
export type { CaseworkInput, Regrouping, SiteCodes } from "./deps.ts";
export { fireTimers } from "./fire-timers.ts";
export { armForgotten } from "./sweep.ts";
export { createSiteCodes, createTimerWorker, type TimerWorker, type TimerWorkerInput };

export interface CreateCaseworkInput extends Omit<TimerWorkerInput, "codes"> {
  readonly secretKey: Buffer;
  readonly pictures: PictureStore;
  readonly regrouping: Regrouping;
  readonly checkEndpoint: DepartmentRouteInput["checkEndpoint"];
}

export interface ReporterOrder {
  readonly caseId: string;
  readonly reportId: string;
  readonly command: CaseCommand;
  /** Network address, for the audit. */
  readonly address: string;
}

export interface Casework {
  readonly timers: TimerWorker;
  /** Carries out a command of whoever reported the case; a report gives each kind once. */
  readonly commandAsReporter: (order: ReporterOrder) => Promise<void>;
  /** For the control room's scope. */
  readonly routes: readonly ((app: FastifyInstance) => void)[];
  /** For the scope of signed requests. */
  readonly signedRoutes: readonly ((app: FastifyInstance) => void)[];
}

export function createCasework(input: CreateCaseworkInput): Casework {
  const shared: PictureInput = { ...input, codes: createSiteCodes(input.secretKey, input.clock) };
  const pictures = createAfterPictures(shared);
  const signed = { ...shared, checkEndpoint: input.checkEndpoint };
  return {
    timers: createTimerWorker({ ...input, ...shared }),
    commandAsReporter: async ({ caseId, reportId, command, address }) => {
      const principal = `report:${reportId}`;
      const actor = { role: "reporter", id: principal, department: null } as const;
      await commandCase(
        shared,
        { command, expectedVersion: undefined, key: command.kind, principal, address },
        () => Promise.resolve({ caseId, actorOf: () => actor }),
        { case: caseId },
      );
    },
    routes: [
      caseworkRoutes(shared),
      casePictureRoutes(shared, pictures),
      holdRoutes(shared),
      whistleRoutes(shared),
      regroupRoutes({ ...shared, regrouping: input.regrouping }),
      silenceRoutes(shared),
    ],
    signedRoutes: [departmentRoutes(signed), taskPictureRoutes(signed, pictures)],
  };
}
