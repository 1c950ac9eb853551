/** The real edge node in a process of its own; the parent asks for what it counts. */
import path from "node:path";
import { uuidv7 } from "uuidv7";
import { loadEdgeConfig } from "../../config/index.ts";
import { startEdge, type NodeLog } from "../../edge/node.ts";
import { systemClock, type CameraReport } from "../../protocol/index.ts";

export type NodeReply =
  | { readonly kind: "ready"; readonly metricsPort: number; readonly provider: string }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "closed"; readonly cameras: readonly CameraReport[] };

/** Only what should not happen is told. */
const log: NodeLog = {
  info: () => undefined,
  warn: (fields, message) => console.error("node:", message, JSON.stringify(fields)),
  error: (fields, message) => console.error("node:", message, JSON.stringify(fields)),
};

function tell(reply: NodeReply): void {
  process.send?.(reply);
}

const [configFile = ""] = process.argv.slice(2);
try {
  const node = await startEdge({
    config: loadEdgeConfig(configFile),
    modelCacheDir: path.resolve(import.meta.dirname, "../../.cache/models"),
    version: "bench",
    clock: systemClock,
    random: Math.random,
    newId: uuidv7,
    log,
  });
  process.once("message", () => {
    // Closed first: whatever was still pending has its cause then, and the sums must agree.
    void node.close().then(() => tell({ kind: "closed", cameras: node.cameras() }));
  });
  process.once("disconnect", () => process.exit(0));
  tell({ kind: "ready", metricsPort: node.metricsPort, provider: node.model.provider });
} catch (error) {
  tell({ kind: "failed", reason: (error as Error).message });
  process.exit(1);
}
