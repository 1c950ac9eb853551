import { describe, expect, it } from "vitest";
import {
  partyOffers,
  progressOf,
  tallyOf,
  whistleActor,
  whistleOffers,
} from "../../../console/model/index.ts";
import type {
  AccountRole,
  DepartmentCode,
  PartyView,
  SessionView,
  WhistleView,
} from "../../../protocol/index.ts";

const AT = "2026-01-01T12:00:00.000Z";
const DUE_MS = Date.parse("2026-01-01T12:30:00.000Z");
const GA = "GA" as DepartmentCode;

function party(change: Partial<PartyView> = {}): PartyView {
  return {
    ...{ department: GA, required: true, answeredAt: null, coming: null, checkedInAt: null },
    ...{ checkedInBy: null, distanceM: null, measure: null, result: null, waived: null },
    ...{ late: false, ratingOf: null, ratingBy: null },
    ...{ calledAt: AT, dueAt: new Date(DUE_MS).toISOString() },
    ...change,
  };
}

function whistle(change: Partial<WhistleView> = {}): WhistleView {
  return {
    ...{ id: "w", caseId: "c", kind: "emergency", state: "BLOWN", version: 1, subject: "火情" },
    ...{ blownAt: AT, blownBy: "dispatcher:desk", opinion: null, unmet: [GA], parties: [party()] },
    dueAt: new Date(DUE_MS).toISOString(),
    ...change,
  } as WhistleView;
}

function accountOf(role: AccountRole, department: string | null = null): SessionView {
  const viewer = { id: "a", name: "A", roles: [role], department, jurisdiction: null };
  return { mode: "accounts", signedIn: true, viewer } as SessionView;
}

const kinds = (offers: readonly { readonly kind: string }[]): string[] =>
  offers.map(({ kind }) => kind);

describe("a party of a whistle", () => {
  it("is late once the deadline has passed without it, unless it was excused", () => {
    expect(progressOf(party(), DUE_MS - 1).isLate).toBe(false);
    expect(progressOf(party(), DUE_MS + 1).isLate).toBe(true);
    expect(progressOf(party({ checkedInAt: AT }), DUE_MS + 1).isLate).toBe(false);
    const waived = { by: "supervisor:desk", reason: "no need", at: AT };
    expect(progressOf(party({ waived }), DUE_MS + 1).isLate).toBe(false);
  });

  it("that was called later has its own time", () => {
    const later = party({ dueAt: new Date(DUE_MS + 60_000).toISOString() });
    expect(progressOf(later, DUE_MS + 1).isLate).toBe(false);
    expect(progressOf(later, DUE_MS + 60_001).isLate).toBe(true);
  });

  it("answers, checks in, takes a measure and feeds back, in this order", () => {
    const own = accountOf("department", "GA");
    const at = (state: WhistleView["state"], change: Partial<PartyView>): string[] =>
      kinds(partyOffers(whistle({ state }), party(change), own));
    expect(at("BLOWN", {})).toEqual(["answer", "check-in"]);
    expect(at("ANSWERED", { answeredAt: AT, coming: true })).toEqual(["check-in"]);
    expect(at("ARRIVED", { checkedInAt: AT })).toEqual([]);
    expect(at("CONSULTED", { checkedInAt: AT })).toEqual(["take"]);
    expect(at("ASSIGNED", { checkedInAt: AT, measure: "封路" })).toEqual(["feed-back"]);
    expect(at("DONE", { checkedInAt: AT, result: "完成" })).toEqual(["rate"]);
  });

  it("does nothing for another department, and excuses nobody", () => {
    const other = accountOf("department", "XF");
    expect(partyOffers(whistle(), party(), other)).toEqual([]);
    expect(kinds(partyOffers(whistle(), party(), accountOf("supervisor")))).toEqual(["waive"]);
    expect(kinds(whistleOffers(whistle(), other))).toEqual([]);
  });

  it("speaks for itself where nobody has an account, and is attested by the room", () => {
    expect(whistleActor({ kind: "answer", department: GA }, null)?.role).toBe("department");
    const attested = { kind: "check-in", department: GA, by: "attestation" } as const;
    expect(whistleActor(attested, null)?.role).toBe("dispatcher");
    expect(whistleActor({ kind: "waive", department: GA }, null)?.role).toBe("supervisor");
  });
});

describe("a whistle", () => {
  it("is consulted once all are there, and called off while it lasts", () => {
    const room = accountOf("dispatcher");
    expect(kinds(whistleOffers(whistle(), room))).toEqual(["summon", "call-off"]);
    expect(kinds(whistleOffers(whistle({ state: "ARRIVED" }), room))).toEqual([
      "consult",
      "summon",
      "call-off",
    ]);
    expect(kinds(whistleOffers(whistle({ state: "DONE" }), room))).toEqual([]);
  });

  it("counts those who answered, arrived and fed back, without the excused", () => {
    const waived = { by: "supervisor:desk", reason: "no need", at: AT };
    const parties = [
      party({ answeredAt: AT, checkedInAt: AT, result: "完成" }),
      party({ answeredAt: AT }),
      party({ answeredAt: AT, waived }),
    ];
    expect(tallyOf(whistle({ parties }))).toEqual({
      ...{ required: 2, answered: 2, arrived: 1, fedBack: 1 },
    });
  });
});
