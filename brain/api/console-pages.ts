/** The control room's and the reporters' pages, as the build left it in `dist/console`. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Smart Brain</title>
<body style="font-family:system-ui;max-width:40rem;margin:4rem auto;line-height:1.6">
<h1>The brain runs; its page is not built</h1>
<p>Run <code>npm run build:console</code> and reload, or read the API at
<a href="/docs">/docs</a>.</p>
<h1>服务已运行, 页面尚未构建</h1>
<p>请运行 <code>npm run build:console</code> 后刷新, 或查看 <a href="/docs">/docs</a>。</p>
</body></html>`;

/** @returns what to show at an address of the page that is no file: the page itself. */
export async function serveConsole(
  app: FastifyInstance,
  dir: string,
): Promise<(path: string) => string | undefined> {
  const index = path.join(dir, "index.html");
  const report = path.join(dir, "report.html");
  if (existsSync(index)) {
    await app.register(async (scope) => {
      scope.addHook("onRoute", (route) => {
        route.config = { ...route.config, access: "open" };
        route.schema = { ...route.schema, hide: true };
      });
      await scope.register(fastifyStatic, {
        root: dir,
        index: false,
        wildcard: false,
        immutable: true,
        maxAge: "365d",
        setHeaders: (reply, file) => {
          // Only names with a hash of their content may be kept.
          if (!file.includes(`${path.sep}assets${path.sep}`)) {
            void reply.header("cache-control", "no-cache");
          }
        },
      });
    });
  }
  return (address) => {
    if (/^\/(v1|docs|openapi\.json|metrics|healthz|readyz)(\/|$)/.test(address)) {
      return undefined;
    }
    if (/^\/report\/?$/.test(address) && existsSync(report)) {
      return readFileSync(report, "utf8");
    }
    return existsSync(index) ? readFileSync(index, "utf8") : NOT_BUILT;
  };
}
