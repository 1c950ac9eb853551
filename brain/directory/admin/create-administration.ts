/** Puts the administration's routes together. */
import type { FastifyInstance } from "fastify";
import type { AdminInput } from "./deps.ts";
import { directoryRoutes } from "./directory-routes.ts";
import { createEndpointBook } from "./endpoint-book.ts";
import { endpointRoutes } from "./endpoint-routes.ts";
import { nodeSecretRoutes } from "./node-secrets.ts";
import { routingRoutes } from "./routing-routes.ts";

export type { AdminInput } from "./deps.ts";

export function createAdministration(
  input: AdminInput,
): readonly ((app: FastifyInstance) => void)[] {
  return [
    endpointRoutes(createEndpointBook(input)),
    nodeSecretRoutes(input),
    directoryRoutes(input),
    routingRoutes(input),
  ];
}
