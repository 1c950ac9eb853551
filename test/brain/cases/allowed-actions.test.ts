import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actorFor, randomActor, randomCommand } from "../../../bench/machines/commands.ts";
import { seeded } from "../../../bench/support/seeded.ts";
import {
  allowedActions,
  blowWhistle,
  type CaseRecord,
  decideCase,
  openRecord,
} from "../../../brain/cases/index.ts";
import {
  type Actor,
  AppError,
  type CaseCommand,
  caseCommandSchema,
  type CaseCommandKind,
  formatTime,
  serviceLevelSchema,
} from "../../../protocol/index.ts";

const NOW = 1_790_000_000_000;
const KINDS: readonly CaseCommandKind[] = caseCommandSchema.options.map(
  ({ shape }) => shape.kind.value,
);

/** A case after some random commands. */
function walked(seed: number): { readonly record: CaseRecord; readonly now: number } {
  const random = seeded(seed);
  const level = serviceLevelSchema.options[Math.floor(random() * 5)] ?? "S2";
  let now = NOW;
  let record = openRecord({
    ...{ state: "REPORTED", serviceLevel: level, lead: "CG", onset: NOW - 1_000 },
    ...{ reportedAt: NOW, filedAt: null, dispatchedAt: null, acceptedAt: null, containedAt: null },
  });
  const steps = Math.floor(random() * 90);
  for (let step = 0; step < steps; step += 1) {
    now += Math.floor(random() * (random() < 0.05 ? 4 * 86_400_000 : 600_000));
    const command = caseCommandSchema.parse(randomCommand(random, record, now));
    record = after(record, command, actorFor(random, command.kind, record), now) ?? record;
  }
  return { record, now };
}

function after(
  record: CaseRecord,
  command: CaseCommand,
  actor: Actor,
  now: number,
): CaseRecord | null {
  try {
    return decideCase(record, command, { actor, now }).record;
  } catch (error) {
    if (error instanceof AppError) {
      return null;
    }
    throw error;
  }
}

/** A sound command of the kind, with other words than the machine is asked with. */
function soundCommand(kind: CaseCommandKind, record: CaseRecord, now: number, seed: number) {
  const random = seeded(seed);
  const reason = `words ${seed}`;
  const note = random() < 0.5 ? { note: "as told" } : {};
  const given: Readonly<Record<string, object>> = {
    reject: { code: "duplicate", ...note },
    merge: { into: "0198c0de-0000-7000-8000-000000000001", ...note },
    file: { standard: "standard 7", ...note },
    dispatch: {
      lead: record.ruled || random() < 0.5 ? record.lead : "GA",
      co: ["XF"],
      means: random() < 0.5 ? "telephone" : "system",
    },
    rule: { lead: random() < 0.5 ? "GA" : "XF", reason },
    return: { reason },
    handle: { evidence: ["a".repeat(64)] },
    suspend: { reason, until: formatTime(now + 1_000 + Math.floor(random() * 80 * 86_400_000)) },
    "refuse-suspension": { reason },
    fail: { reason },
    evaluate: { responded: random() < 0.5, solved: random() < 0.5, satisfaction: 1 },
    reopen: { reason },
    cancel: { reason },
    escalate: { reason },
    supervise: { light: random() < 0.5 ? "none" : "red", reason },
  };
  return caseCommandSchema.parse({ kind, ...given[kind] });
}

describe("the actions that are offered", () => {
  const { stackTraceLimit } = Error;
  beforeAll(() => {
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it("are taken by the machine, and what is not offered is refused", () => {
    const offered = new Set<string>();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
        const { record, now } = walked(seed);
        const random = seeded(seed + 1);
        const actors = [1, 2, 3, 4].map(() => randomActor(random));
        const offers = allowedActions(record, actors, now);
        for (const kind of KINDS) {
          const offer = offers.find((one) => one.kind === kind && !one.filesFirst);
          const command = soundCommand(kind, record, now, seed);
          const takers = actors.filter((actor) => after(record, command, actor, now) !== null);
          expect([kind, takers.length > 0]).toEqual([kind, offer !== undefined]);
          if (offer !== undefined) {
            offered.add(kind);
            expect(takers).toContain(offer.actor);
          }
        }
      }),
      { numRuns: 500, seed: 7 },
    );
    expect([...offered].sort()).toEqual([...KINDS].sort());
  });

  it("offer dispatching with filing where both follow, and whistles as their machine says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
        const { record, now } = walked(seed);
        const random = seeded(seed + 1);
        const actors = [randomActor(random), randomActor(random), randomActor(random)];
        const offers = allowedActions(record, actors, now);
        const both = offers.find(({ filesFirst }) => filesFirst);
        const filed = actors
          .map((actor) => after(record, soundCommand("file", record, now, seed), actor, now))
          .find((one) => one !== null);
        const isUnfiled = record.state === "REPORTED" || record.state === "VERIFYING";
        const sendable =
          filed !== undefined &&
          actors.some(
            (actor) =>
              after(filed, soundCommand("dispatch", filed, now, seed), actor, now) !== null,
          );
        expect(both !== undefined).toBe(isUnfiled && sendable);
        const mayBlow = actors.some((actor) => {
          try {
            return blowWhistle(record, { actor, now }).record.state === "WHISTLED";
          } catch {
            return false;
          }
        });
        expect(offers.some(({ kind }) => kind === "whistle")).toBe(mayBlow);
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});
