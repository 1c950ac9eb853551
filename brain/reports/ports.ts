/** What reports need of the brain's other parts; the composition root puts them together. */
import type { FastifyRequest } from "fastify";
import type { Kysely, Transaction } from "kysely";
import type {
  Area,
  CaseCommand,
  Clock,
  EpochMs,
  IncidentEvent,
  LocatedGrid,
  Location,
  Permission,
  Responder,
  Viewer,
} from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";

/** Of the directory in force. */
export interface ReportTown {
  readonly record: {
    readonly areas: readonly Area[];
    readonly responders: readonly Responder[];
  };
  findArea(code: string): Area | undefined;
  locate(location: Location): LocatedGrid;
}

export interface ReportsInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly town: () => ReportTown;
  /** Writes event, inbox and announced evidence in the given transaction. */
  readonly accept: (tx: Transaction<Schema>, event: IncidentEvent, now: EpochMs) => Promise<void>;
  /** Called after the commit, so that correlation starts at once. */
  readonly onAccepted: () => void;
  /** Makes a picture durable under its hash. */
  readonly writePhoto: (sha256: string, bytes: Buffer) => Promise<void>;
  /** Who is signed in; undefined where nobody is. */
  readonly identify: (request: FastifyRequest) => Promise<SignedIn | undefined>;
  /** Seals text for the database; `owner` is bound to it. */
  readonly seal: (text: string, owner: string) => string;
  readonly open: (sealed: string, owner: string) => string;
  /** Tracking codes are made of it. */
  readonly secretKey: Buffer;
  /** Events older than this are not taken, h. */
  readonly maxAgeH: number;
  /** Gives a command to a case as the one who reported it. */
  readonly command: (order: ReporterOrder) => Promise<void>;
}

export interface SignedIn {
  readonly permissions: ReadonlySet<Permission>;
  readonly viewer: Pick<Viewer, "roles">;
}

export interface ReporterOrder {
  readonly caseId: string;
  readonly reportId: string;
  readonly command: Extract<CaseCommand, { kind: "evaluate" | "reopen" }>;
  /** Network address, for the audit. */
  readonly address: string;
}
