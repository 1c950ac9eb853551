/** The brain in a process of its own, so that its processor time can be told from the load's. */
import { pino } from "pino";
import { startBrain } from "../../brain/app.ts";
import { brainConfigSchema, type Directory } from "../../config/index.ts";
import { systemClock } from "../../protocol/index.ts";

export interface BrainOrder {
  readonly config: unknown;
  readonly directory: Directory;
}

process.once("message", (order: BrainOrder) => {
  void startBrain({
    config: brainConfigSchema.parse(order.config),
    directory: order.directory,
    clock: systemClock,
    random: Math.random,
    log: pino({ level: process.env["LOG_LEVEL"] ?? "error" }, pino.destination(2)),
  }).then((brain) => {
    const stop = (): void => void brain.close().then(() => process.exit(0));
    process.once("disconnect", stop);
    process.once("SIGTERM", stop);
    process.send?.(brain.url);
  });
});
