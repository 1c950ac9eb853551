/**
 * The rules of a case, written down a second time and apart from the machine: from the table of
 * states of the domain, and from what accepted commands said. It throws where they are broken.
 */
import type { CaseRecord, WhistleRecord } from "../../brain/cases/index.ts";
import type {
  Actor,
  CaseCommand,
  CaseState,
  ServiceLevel,
  WhistleCommand,
} from "../../protocol/index.ts";

/**
 * The domain's own table. Two moves are ours: going on after containment, and merging what was sent
 * and not taken.
 */
const TABLE: Readonly<Record<CaseState, string>> = {
  REPORTED: "VERIFYING FILED REJECTED MERGED CANCELLED",
  VERIFYING: "FILED REJECTED MERGED CANCELLED",
  REJECTED: "",
  MERGED: "",
  FILED: "DISPATCHED MERGED CANCELLED",
  DISPATCHED: "ACCEPTED RETURNED MERGED CANCELLED",
  RETURNED: "DISPATCHED FILED CANCELLED",
  ACCEPTED: "HANDLING CANCELLED",
  HANDLING: "CONTAINED HANDLED WHISTLED SUSPENDED CANCELLED",
  CONTAINED: "HANDLED CANCELLED HANDLING",
  WHISTLED: "HANDLING CANCELLED",
  SUSPENDED: "HANDLING CANCELLED",
  HANDLED: "CHECKING CANCELLED",
  CHECKING: "CLOSED REWORK CANCELLED",
  REWORK: "HANDLING CANCELLED",
  CLOSED: "EVALUATED REOPENED",
  EVALUATED: "ARCHIVED REOPENED",
  REOPENED: "DISPATCHED",
  CANCELLED: "ARCHIVED",
  ARCHIVED: "",
};

const HANDLING: ReadonlySet<string> = new Set(["accept", "start", "contain", "handle", "suspend"]);
const WEEK_MS = 7 * 86_400_000;

interface WhistleLines {
  readonly required: Set<string>;
  readonly there: Set<string>;
  readonly fedBack: Set<string>;
  readonly waived: Set<string>;
  over: boolean;
}

export class CaseLedger {
  readonly #level: ServiceLevel;
  readonly #handlers = new Set<string>();
  readonly #whistles = new Map<string, WhistleLines>();
  #state: CaseState;
  #evidence = false;
  #passedBy: string | null = null;
  #returnedBy: string[] = [];
  #ruled = false;
  #asked: { role: string; id: string } | null = null;
  #suspensionAskedBy: string | null = null;
  #closedAt: number | null = null;
  closures = 0;

  constructor(level: ServiceLevel, state: CaseState) {
    this.#level = level;
    this.#state = state;
  }

  command(
    command: CaseCommand,
    actor: Actor,
    now: number,
    before: CaseRecord,
    after: CaseRecord,
  ): void {
    this.#checkCommand(command, actor, now, before);
    if (HANDLING.has(command.kind)) {
      this.#handlers.add(actor.id).add(actor.department ?? "");
    }
    this.#remember(command, actor);
    this.moved(before, after);
    if (after.state === "CLOSED" && before.state !== "CLOSED") {
      this.#checkClosure(actor);
      this.closures += 1;
      this.#closedAt = now;
    }
    if (after.state === "CANCELLED") {
      demand(command.kind === "cancel" && this.#asked !== null, "cancelled by one alone");
    }
  }

  #checkCommand(command: CaseCommand, actor: Actor, now: number, before: CaseRecord): void {
    switch (command.kind) {
      case "accept":
      case "return":
      case "start":
      case "contain":
      case "handle":
        demand(actor.department === before.lead, "moved by another than the lead");
        break;
      case "check":
      case "pass":
      case "fail":
      case "close":
        demand(!this.#isHandler(actor), `${command.kind} by one who handled`);
        break;
      case "approve-suspension":
        demand(actor.role === "supervisor", "a pause without the supervisor");
        demand(this.#level !== "S0" && this.#level !== "S1", "a pause of an urgent case");
        demand(this.#suspensionAskedBy !== null, "a pause that nobody asked for");
        demand(this.#suspensionAskedBy !== actor.id, "a pause approved by its asker");
        break;
      case "evaluate":
      case "reopen":
        demand(this.#closedAt !== null && now <= this.#closedAt + WEEK_MS, "after its week");
        break;
      case "merge":
        demand(
          before.state === "REPORTED" || before.state === "VERIFYING" || actor.role === "system",
          "a case that was sent merged by a person",
        );
        break;
      case "dispatch":
        demand(this.#returnedBy.length < 2 || this.#ruled, "sent a third time without a ruling");
        break;
      default:
    }
    if (command.kind === "return") {
      demand(!this.#ruled, "returned after a ruling");
      demand(this.#returnedBy.length < 2, "returned three times");
      demand(!this.#returnedBy.includes(before.lead), "returned twice by one department");
    }
    if (command.kind === "cancel" && this.#asked !== null) {
      const isOther = this.#asked.role !== actor.role && this.#asked.id !== actor.id;
      demand(isOther, "cancelled by one alone");
    }
  }

  #remember(command: CaseCommand, actor: Actor): void {
    switch (command.kind) {
      case "handle":
        this.#evidence = command.evidence.length > 0 || command.note !== undefined;
        this.#passedBy = null;
        this.#suspensionAskedBy = null;
        break;
      case "pass":
        this.#passedBy = actor.id;
        break;
      case "fail":
        this.#evidence = false;
        this.#passedBy = null;
        break;
      case "return":
        this.#returnedBy.push(actor.department ?? "");
        break;
      case "rule":
        this.#ruled = true;
        break;
      case "cancel":
        this.#asked ??= { role: actor.role, id: actor.id };
        break;
      case "suspend":
        this.#suspensionAskedBy = actor.id;
        break;
      case "refuse-suspension":
      case "resume":
        this.#suspensionAskedBy = null;
        break;
      case "reopen":
        this.#evidence = false;
        this.#passedBy = null;
        this.#returnedBy = [];
        this.#ruled = false;
        this.#asked = null;
        this.#suspensionAskedBy = null;
        break;
      default:
    }
  }

  fired(kind: string, before: CaseRecord, after: CaseRecord): void {
    if (before.state !== after.state) {
      demand(kind === "suspension" || kind === "review", `the ${kind} timer moved the case`);
    }
    if (kind === "suspension") {
      this.#suspensionAskedBy = null;
    }
    this.moved(before, after);
  }

  /** One command may pass a state on its way: an acceptance proves the delivery. */
  moved(before: CaseRecord, after: CaseRecord): void {
    demand(before.state === this.#state, "the case moved unseen");
    demand(after.level >= before.level, "the level fell");
    if (after.state !== before.state) {
      const next = TABLE[before.state].split(" ");
      const isLegal =
        next.includes(after.state) ||
        next.some((middle) =>
          (TABLE[middle as CaseState] as string | undefined)?.split(" ").includes(after.state),
        );
      demand(isLegal, `moved from ${before.state} to ${after.state}`);
    }
    demand(
      after.state !== "SUSPENDED" || (this.#level !== "S0" && this.#level !== "S1"),
      "an urgent case suspended",
    );
    this.#state = after.state;
  }

  #isHandler(actor: Actor): boolean {
    return this.#handlers.has(actor.id) || this.#handlers.has(actor.department ?? "-");
  }

  #checkClosure(actor: Actor): void {
    demand(this.#evidence, "closed without after-evidence");
    demand(this.#passedBy !== null, "closed without a check");
    demand(!this.#handlers.has(this.#passedBy ?? ""), "checked by one who handled");
    demand(!this.#isHandler(actor), "closed by one who handled");
    demand(actor.role === "officer", "closed by another than the officer");
    for (const [id, lines] of this.#whistles) {
      demand(lines.over || this.#unmet(id).length === 0, "closed with an open whistle");
    }
  }

  blown(id: string, whistle: WhistleRecord): void {
    this.#whistles.set(id, {
      required: new Set(
        whistle.parties.filter(({ required }) => required).map(({ department }) => department),
      ),
      there: new Set(),
      fedBack: new Set(),
      waived: new Set(),
      over: false,
    });
  }

  calledOff(id: string): void {
    const lines = this.#whistles.get(id);
    if (lines !== undefined) {
      lines.over = true;
    }
  }

  whistleCommand(
    id: string,
    command: WhistleCommand,
    actor: Actor,
    before: WhistleRecord,
    after: WhistleRecord,
  ): void {
    const lines = this.#whistles.get(id);
    demand(lines !== undefined, "a whistle that nobody blew");
    if (command.kind === "check-in") {
      const witness = command.proof.by === "attestation";
      demand((actor.department === command.department) !== witness, "checked in by the wrong hand");
      lines?.there.add(command.department);
    }
    if (command.kind === "take" || command.kind === "feed-back") {
      demand(actor.department === command.department, "spoke for another party");
      demand(lines?.there.has(command.department) ?? false, `${command.kind} from afar`);
    }
    if (command.kind === "feed-back") {
      lines?.fedBack.add(command.department);
    }
    if (command.kind === "waive") {
      demand(actor.department !== command.department, "waived itself");
      demand(command.reason.length > 0, "waived without a reason");
      lines?.waived.add(command.department);
    }
    if (command.kind === "summon") {
      for (const { department, required } of command.parties) {
        demand(
          !before.parties.some((party) => party.department === department),
          "called the same department twice",
        );
        if (required) {
          lines?.required.add(department);
        }
      }
    }
    const order = ["BLOWN", "ANSWERED", "ARRIVED", "CONSULTED", "ASSIGNED", "DONE", "RATED"];
    if (after.state === "CALLED_OFF") {
      this.calledOff(id);
      demand(command.kind === "call-off" || before.state === "CALLED_OFF", "called off unasked");
    } else {
      demand(order.indexOf(after.state) >= order.indexOf(before.state), "the whistle went back");
    }
    if (after.state === "DONE" || after.state === "RATED") {
      demand(this.#unmet(id).length === 0, "done with a required party unmet");
      demand(after.opinion !== null, "done without a joint opinion");
    }
  }

  checkUnmet(id: string, claimed: readonly string[]): void {
    const own = this.#whistles.get(id)?.over === true ? [] : this.#unmet(id);
    demand(own.join() === claimed.join(), `unmet is ${own.join()}, not ${claimed.join()}`);
  }

  #unmet(id: string): string[] {
    const lines = this.#whistles.get(id);
    return [...(lines?.required ?? [])].filter(
      (department) => !lines?.fedBack.has(department) && !lines?.waived.has(department),
    );
  }
}

function demand(holds: boolean, broken: string): void {
  if (!holds) {
    throw new Error(`RULE BROKEN: ${broken}`);
  }
}
