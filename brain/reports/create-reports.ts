import type { FastifyInstance } from "fastify";
import { deskRoutes } from "./desk-routes.ts";
import { playbookRoutes } from "./playbook-routes.ts";
import type { ReportsInput } from "./ports.ts";
import { reportRoutes } from "./report-routes.ts";

export type { ReportsInput };

export interface Reports {
  readonly routes: readonly ((app: FastifyInstance) => void)[];
}

/** Everything about people's reports, to be put into the brain's plain scope. */
export function createReports(input: ReportsInput): Reports {
  return { routes: [reportRoutes(input), deskRoutes(input), playbookRoutes(input)] };
}
