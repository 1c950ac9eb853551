/** The case machine: one command in, the new record and what has to be done besides out. */
import type { CaseCommand } from "../../protocol/index.ts";
import { accept, contain, dispatch, handle, returnCase, rule, start } from "./command-axis.ts";
import type { CaseOutcome, CommandContext } from "./case-outcome.ts";
import type { CaseRecord } from "./case-record.ts";
import {
  approveSuspension,
  cancel,
  escalate,
  refuseSuspension,
  resume,
  supervise,
  suspend,
} from "./overlay.ts";
import {
  check,
  close,
  evaluate,
  fail,
  file,
  merge,
  pass,
  reject,
  reopen,
  verify,
} from "./supervision-axis.ts";

type Handlers = {
  readonly [Kind in CaseCommand["kind"]]: (
    record: CaseRecord,
    command: Extract<CaseCommand, { kind: Kind }>,
    context: CommandContext,
  ) => CaseOutcome;
};

const HANDLERS: Handlers = {
  verify,
  reject,
  merge,
  file,
  dispatch,
  rule,
  accept,
  return: returnCase,
  start,
  contain,
  handle,
  suspend,
  "approve-suspension": approveSuspension,
  "refuse-suspension": refuseSuspension,
  resume,
  check,
  pass,
  fail,
  close,
  evaluate,
  reopen,
  cancel,
  escalate,
  supervise,
};

/**
 * @throws PermanentError STATE_CONFLICT for a move that the case cannot make, ROLE_REFUSED for one
 * that this actor may not make, COMMAND_REFUSED for one whose conditions are not met.
 */
export function decideCase(
  record: CaseRecord,
  command: CaseCommand,
  context: CommandContext,
): CaseOutcome {
  const handler = HANDLERS[command.kind] as (
    record: CaseRecord,
    command: CaseCommand,
    context: CommandContext,
  ) => CaseOutcome;
  return handler(record, command, context);
}
