/** What a viewer may do next to a case: what the machine takes, as far as he may ask for it. */
import { allowedActions, type CaseRecord } from "../cases/index.ts";
import type {
  CaseAction,
  CaseActionOffer,
  EpochMs,
  Permission,
  Viewer,
} from "../../protocol/index.ts";
import { actorsOf, declared } from "./operator-actor.ts";

export interface Asking {
  readonly viewer: Viewer;
  readonly permissions: ReadonlySet<Permission>;
}

const ASKED: Readonly<Partial<Record<CaseAction, Permission>>> = {
  whistle: "whistle.blow",
  regroup: "incident.regroup",
  split: "incident.regroup",
};

export function offersFor(
  record: CaseRecord,
  { viewer, permissions }: Asking,
  now: EpochMs,
): CaseActionOffer[] {
  return allowedActions(record, actorsOf(viewer, record.lead), now)
    .filter(({ kind }) => permissions.has(ASKED[kind] ?? "case.command"))
    .map(({ kind, actor, filesFirst }) => ({
      kind,
      as: actor === null ? null : (declared(actor, viewer) ?? null),
      filesFirst,
    }));
}
