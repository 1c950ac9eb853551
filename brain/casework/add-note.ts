/** A note on a case: for the control room, or for the departments too. It decides nothing. */
import { appendAudit } from "../audit/index.ts";
import { actorName, note } from "../cases/index.ts";
import {
  auditName,
  caseIdSchema,
  type NewNote,
  type NoteAnswer,
  type Viewer,
} from "../../protocol/index.ts";
import { loadCase, saveCases } from "../store/index.ts";
import type { CaseworkInput } from "./deps.ts";
import { actorsOf } from "./operator-actor.ts";
import { type Ran, runOnce } from "./run-once.ts";

export interface NoteOrder {
  readonly viewer: Viewer;
  readonly key: string;
  readonly address: string;
}

/** @throws PermanentError NOT_FOUND or KEY_REUSED. */
export function addNote(
  input: CaseworkInput,
  caseId: string,
  given: NewNote,
  { viewer, key, address }: NoteOrder,
): Promise<Ran<Omit<NoteAnswer, "repeated">>> {
  const principal = auditName(viewer);
  return runOnce(input, { principal, key, body: { caseId, note: given } }, async (tx, now) => {
    const loaded = await loadCase(tx, caseId);
    const [actor] = actorsOf(viewer, loaded.record.lead);
    const name = actor === undefined ? principal : actorName(actor);
    const { department } = viewer;
    const facts = {
      text: given.text,
      // A department writes to the control room: what other departments read is not its to say.
      ...(department === null ? { audience: given.audience } : { audience: "all", department }),
    };
    await saveCases(
      tx,
      [
        {
          ...{ before: loaded, record: loaded.record, actor: name, decided: false },
          effects: [note("noted", facts)],
        },
      ],
      input,
      { now },
    );
    await appendAudit(tx, [
      {
        ...{ at: now, actor: principal, action: "case.note", subject: `case:${caseId}`, address },
        facts: { audience: facts.audience, length: given.text.length },
      },
    ]);
    const answer = { caseId: caseIdSchema.parse(caseId), version: loaded.row.version + 1 };
    return { answer, endpointIds: [] };
  });
}
