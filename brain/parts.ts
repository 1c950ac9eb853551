/** What the brain is made of, as its composition hands it round. */
import type { Logger } from "pino";
import type { BrainConfig, Directory } from "../config/index.ts";
import type { Clock } from "../protocol/index.ts";
import type { BrainMetrics, OperatorSessions, StreamHub } from "./api/index.ts";
import type { DirectoryBook, SecretBox, TownHolder } from "./directory/index.ts";
import type { EvidenceFiles, InboxDepth } from "./intake/index.ts";
import type { Jobs } from "./jobs/index.ts";
import type { NodeWakeups } from "./nodes/index.ts";
import type { CaseworkDeps, Database } from "./store/index.ts";

export interface BrainInput {
  readonly config: BrainConfig;
  readonly directory: Directory;
  readonly clock: Clock;
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
  readonly log: Logger;
  /** Aborting it ends a start that is still under way. */
  readonly signal?: AbortSignal;
}

/** Everything that the parts are made of. */
export interface Parts extends BrainInput {
  readonly database: Database;
  readonly book: DirectoryBook;
  readonly town: TownHolder;
  readonly box: SecretBox;
  readonly sessions: OperatorSessions;
  readonly jobs: Jobs;
  readonly depth: InboxDepth;
  readonly files: EvidenceFiles;
  readonly hub: StreamHub;
  readonly wakeups: NodeWakeups;
  readonly metrics: BrainMetrics;
  readonly secretKey: Buffer;
  readonly caseworkDeps: CaseworkDeps;
  readonly closing: AbortSignal;
}

/** A subscription's secret is bound to its name. */
export const subscriptionOwner = (name: string): string => `subscription:${name}`;
