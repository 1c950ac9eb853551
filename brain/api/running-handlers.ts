/**
 * Closing waits for handlers, not for connections alone: the work of a request goes on when its
 * client has gone, and needs the database to the end.
 */
import type { FastifyInstance, RouteHandlerMethod } from "fastify";

export function finishHandlers(app: FastifyInstance): void {
  const running = new Set<Promise<unknown>>();
  const tracked = (handler: RouteHandlerMethod): RouteHandlerMethod =>
    function (this, request, reply) {
      const result: unknown = handler.call(this, request, reply);
      if (result instanceof Promise) {
        const settled: Promise<unknown> = result.then(
          () => running.delete(settled),
          () => running.delete(settled),
        );
        running.add(settled);
      }
      return result;
    };
  app.addHook("onRoute", (route) => {
    route.handler = tracked(route.handler);
  });
  app.addHook("onClose", async () => {
    while (running.size > 0) {
      await Promise.all(running);
    }
  });
}
