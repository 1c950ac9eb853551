/** Work on cases: commands (T4), timers (T3) and whistles, with their routes. */
import type { FastifyInstance } from "fastify";
import { caseworkRoutes } from "./case-routes.ts";
import { type DepartmentRouteInput, departmentRoutes } from "./department-routes.ts";
import type { CaseworkInput } from "./deps.ts";
import { createSiteCodes } from "./site-codes.ts";
import { createTimerWorker, type TimerWorker, type TimerWorkerInput } from "./timer-worker.ts";
import { whistleRoutes } from "./whistle-routes.ts";

export { claimTimers, nextDue } from "./claim-timers.ts";
export type { CaseworkInput, SiteCodes } from "./deps.ts";
export { fireTimers } from "./fire-timers.ts";
export { armForgotten } from "./sweep.ts";
export { createSiteCodes, createTimerWorker, type TimerWorker, type TimerWorkerInput };

export interface CreateCaseworkInput extends Omit<TimerWorkerInput, "codes"> {
  readonly secretKey: Buffer;
  readonly checkEndpoint: DepartmentRouteInput["checkEndpoint"];
}

export interface Casework {
  readonly timers: TimerWorker;
  /** For the control room's scope. */
  readonly routes: readonly ((app: FastifyInstance) => void)[];
  /** For the scope of signed requests. */
  readonly signedRoutes: readonly ((app: FastifyInstance) => void)[];
}

export function createCasework(input: CreateCaseworkInput): Casework {
  const shared: CaseworkInput = { ...input, codes: createSiteCodes(input.secretKey, input.clock) };
  return {
    timers: createTimerWorker({ ...input, ...shared }),
    routes: [caseworkRoutes(shared), whistleRoutes(shared)],
    signedRoutes: [departmentRoutes({ ...shared, checkEndpoint: input.checkEndpoint })],
  };
}
